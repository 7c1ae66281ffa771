extension Moments {
  /// Chan's merge of `count` samples with `otherCount` of another accumulator, which may be this one.
  func merge(_ other: Moments, ours count: Int, theirs otherCount: Int) throws(TrimtabError) {
    guard otherCount > 0 else { return }
    let source = try other.copied()
    guard count > 0 else {
      take(source)
      return
    }
    let common = min(scale, source.scale)
    rescale(to: common)
    source.rescale(to: common)
    let (ours, theirs) = (Double(count), Double(otherCount))
    let total = ours + theirs
    let difference = try Storage<Double>(count: 2 &* width, for: "difference of means")
    let delta = difference.pointer
    let step = difference.pointer + width
    for index in 0..<features {
      delta[index] = (source.pivot[index] - pivot[index]) + source.shift[index] - shift[index]
      step[index] = -delta[index] * (ours / total)
    }
    source.moveMean(by: step, count: otherCount)
    for index in 0..<features { step[index] = delta[index] * (theirs / total) }
    moveMean(by: step, count: count)
    for index in 0..<features {
      shift[index] += step[index]
      third[index] += source.third[index]
      minimum[index] = min(minimum[index], source.minimum[index])
      maximum[index] = max(maximum[index], source.maximum[index])
    }
    fourth += source.fourth
    let weight = ours * (theirs / total)
    for i in 0..<features {
      let row = m2.row(i)
      kernels.addScaled(1, source.m2.row(i), row, i &+ 1)
      kernels.addScaled(weight * delta[i], delta, row, i &+ 1)
    }
  }

  private func copied() throws(TrimtabError) -> Moments {
    let copy = try Moments(features: features)
    copy.take(self)
    return copy
  }

  private func take(_ other: Moments) {
    vectors.pointer.update(from: other.vectors.pointer, count: vectors.count)
    m2.copy(from: other.m2)
    scale = other.scale
    fourth = other.fourth
  }

  /// The features that take more than one value.
  func varyingFeatures() throws(TrimtabError) -> FeatureList {
    let list = try FeatureList(capacity: features)
    for index in 0..<features where minimum[index] < maximum[index] { list.append(index) }
    return list
  }

  /// Every feature, those that never vary too.
  func allFeatures() throws(TrimtabError) -> FeatureList {
    let list = try FeatureList(capacity: features)
    for index in 0..<features { list.append(index) }
    return list
  }

  /// M2 / n over some features, of scaled data.
  func covariance(of list: FeatureList, count: Int) throws(TrimtabError) -> Matrix {
    let matrix = try Matrix(rows: list.count, columns: list.count, for: "covariance")
    let factor = 1 / Double(max(count, 1))
    for i in 0..<list.count {
      let source = m2.row(list[i])
      let row = matrix.row(i)
      for j in 0...i { row[j] = source[list[j]] * factor }
    }
    return matrix
  }
}

/// Indices of features, ascending.
final class FeatureList {
  private let storage: Storage<Int>
  private(set) var count = 0

  init(capacity: Int) throws(TrimtabError) { storage = try Storage(count: max(capacity, 1), for: "feature indices") }

  func append(_ feature: Int) {
    guard count < storage.count else { return }
    storage.pointer[count] = feature
    count = count &+ 1
  }

  subscript(position: Int) -> Int { position >= 0 && position < count ? storage.pointer[position] : 0 }
}
