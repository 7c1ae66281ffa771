/// Distances of two samples of vectors. Source: definitions 6.
struct SampleDistances {
  let real: OverlapSamples
  let fake: OverlapSamples
  /// Of each, the first so many.
  let realCount: Int
  let fakeCount: Int

  init(_ real: OverlapSamples, _ fake: OverlapSamples, atMost limit: Int) {
    self.real = real
    self.fake = fake
    realCount = limit > 0 ? min(real.count, limit) : real.count
    fakeCount = limit > 0 ? min(fake.count, limit) : fake.count
  }

  /// The mean over random directions of W1 of the projections, the area between their distribution functions. Of one
  /// number a sample it is W1 itself.
  ///
  /// Direction k takes the normal numbers k d to k d + d - 1 of its stream, scaled to length 1.
  func slicedWasserstein(directions: Int, _ numbers: RandomNumbers) throws(TrimtabError) -> Double {
    let width = real.width
    let isLine = width == 1
    let direction = try Storage<Double>(count: width, for: "direction")
    let first = try Storage<Double>(count: real.count, for: "projections")
    let second = try Storage<Double>(count: fake.count, for: "projections")
    let count = isLine ? 1 : directions
    var sum = 0.0
    for k in 0..<count {
      var norm = 0.0
      for place in 0..<width {
        let number = isLine ? 1 : numbers.normal(at: UInt64(k) &* UInt64(width) &+ UInt64(place))
        direction.pointer[place] = number
        norm += number * number
      }
      norm = norm.squareRoot()
      for row in 0..<real.count {
        first.pointer[row] = kernels.dotProduct(real.row(row), direction.pointer, width) / norm
      }
      for row in 0..<fake.count {
        second.pointer[row] = kernels.dotProduct(fake.row(row), direction.pointer, width) / norm
      }
      sum += areaBetween(first, second)
    }
    return sum / Double(max(count, 1))
  }

  /// The area between the distribution functions of two samples, which are sorted.
  private func areaBetween(_ first: Storage<Double>, _ second: Storage<Double>) -> Double {
    sortDescending(first.pointer, first.count)
    sortDescending(second.pointer, second.count)
    var (i, j, area) = (0, 0, 0.0)
    var last = 0.0
    while i < first.count || j < second.count {
      let next =
        j >= second.count || (i < first.count && first.pointer[i] >= second.pointer[j])
        ? first.pointer[i] : second.pointer[j]
      if i > 0 || j > 0 {
        area += (Double(i) / Double(first.count) - Double(j) / Double(second.count)).magnitude * (last - next)
      }
      while i < first.count, first.pointer[i] == next { i = i &+ 1 }
      while j < second.count, second.pointer[j] == next { j = j &+ 1 }
      last = next
    }
    return area
  }

  /// 2 E|X - Y| - E|X - X'| - E|Y - Y'|, pairs of a sample with itself included: in one dimension the square of what
  /// scipy.stats.energy_distance returns.
  func energy() -> Double {
    2 * meanDistance(real, realCount, fake, fakeCount) - meanDistance(real, realCount, real, realCount)
      - meanDistance(fake, fakeCount, fake, fakeCount)
  }

  private func meanDistance(_ a: OverlapSamples, _ m: Int, _ b: OverlapSamples, _ n: Int) -> Double {
    var sum = 0.0
    for i in 0..<m {
      for j in 0..<n { sum += squaredDistance(a.row(i), b.row(j)).squareRoot() }
    }
    return sum / (Double(m) * Double(n))
  }

  private func squaredDistance(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>) -> Double {
    var sum = 0.0
    for place in 0..<real.width {
      let difference = x[place] - y[place]
      sum += difference * difference
    }
    return sum
  }

  /// The unbiased MMD^2 with the kernel exp(-|x - y|^2 / (2 s^2)), s the median distance of the pooled sample; NaN where
  /// that is 0.
  func maximumMeanDiscrepancy() throws(TrimtabError) -> (square: Double, bandwidth: Double) {
    let (m, n) = (realCount, fakeCount)
    let count = m &+ n
    func row(_ index: Int) -> UnsafeMutablePointer<Double> { index < m ? real.row(index) : fake.row(index &- m) }
    let distances = try Storage<Double>(count: count &* (count &- 1) / 2, for: "distances")
    var place = 0
    for i in 0..<count {
      for j in 0..<i {
        distances.pointer[place] = squaredDistance(row(i), row(j))
        place = place &+ 1
      }
    }
    let sorted = try Storage<Double>(count: distances.count, for: "distances")
    for index in 0..<distances.count { sorted.pointer[index] = distances.pointer[index].squareRoot() }
    let bandwidth = median(sorted.pointer, sorted.count)
    guard bandwidth > 0 else { return (.nan, bandwidth) }
    var (within, across, between) = (0.0, 0.0, 0.0)
    place = 0
    for i in 0..<count {
      for j in 0..<i {
        let value = exponential(-distances.pointer[place] / (2 * bandwidth * bandwidth))
        if i < m { within += value } else if j >= m { between += value } else { across += value }
        place = place &+ 1
      }
    }
    let (a, b) = (Double(m), Double(n))
    return (2 * within / (a * (a - 1)) + 2 * between / (b * (b - 1)) - 2 * across / (a * b), bandwidth)
  }
}
