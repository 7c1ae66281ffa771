/// PCGrad: takes from each of several gradients what conflicts with the others, in place.
///
/// For each g_i, over the others in a random order: where g_i . g_j < 0, g_i -= (g_i . g_j / |g_j|^2) g_j, g_j as it came.
/// Since all that is left of g_i is a sum of the gradients that came, products of pairs are all that has to be known
/// before they are written. A gradient of 0 conflicts with none.
///
/// - Parameters:
///   - gradients: 2 to 1024 tensors of as many elements each
///   - seed: of the order; for two gradients it makes no difference
/// - Returns: how many pairs (i, j) were in conflict when g_i met g_j.
/// - Throws: `invalidArgument` (NaN or Inf), `shape`, `outOfMemory`; nothing is changed then.
///
/// Complexity: O(elements count^2). Source: Yu et al. 2020. Since: 0.4.
public func projectConflicts(_ gradients: [MutableTensorView], seed: UInt64 = 0) throws(TrimtabError) -> Int {
  let count = gradients.count
  guard count >= 2, count <= 1024 else {
    throw TrimtabError(.invalidArgument, "count: found % gradients, allowed 2 to 1024", count)
  }
  let length = gradients[0].view.count
  for (index, gradient) in gradients.enumerated() where gradient.view.count != length {
    throw TrimtabError(
      .shape, "gradients[%]: found % elements, allowed % as gradients[0] has", index, gradient.view.count, length)
  }
  let products = try Storage<Double>(count: count &* count, for: "gradients")
  for i in 0..<count {
    for j in 0...i {
      let dot = innerProducts(gradients[i].view, gradients[j].view).dot
      guard dot.isFinite else {
        throw TrimtabError(.invalidArgument, "gradients[%]: found NaN, Inf or an overflow, allowed finite numbers", i)
      }
      products.pointer[i &* count &+ j] = dot
      products.pointer[j &* count &+ i] = dot
    }
  }
  let parts = try Storage<Double>(count: count &* count, for: "gradients")
  let found = findParts(parts.pointer, UnsafePointer(products.pointer), count, RandomNumbers(seed: seed, stream: 0))
  if found > 0 { try combine(gradients, UnsafePointer(parts.pointer), length) }
  return found
}

/// Writes how much of each gradient that came is in each that goes.
private func findParts(
  _ parts: UnsafeMutablePointer<Double>, _ products: UnsafePointer<Double>, _ count: Int, _ numbers: RandomNumbers
) -> Int {
  var (found, drawn) = (0, UInt64(0))
  var order = Array(0..<count)
  for i in 0..<count {
    let own = parts + i &* count
    own[i] = 1
    for last in stride(from: count &- 1, through: 1, by: -1) {
      order.swapAt(last, Int(truncatingIfNeeded: numbers.number(at: drawn, below: UInt64(last &+ 1))))
      drawn = drawn &+ 1
    }
    for j in order where j != i && products[j &* count &+ j] > 0 {
      var dot = 0.0
      for k in 0..<count { dot += own[k] * products[k &* count &+ j] }
      guard dot < 0 else { continue }
      own[j] -= dot / products[j &* count &+ j]
      found = found &+ 1
    }
  }
  return found
}

private func combine(
  _ gradients: [MutableTensorView], _ parts: UnsafePointer<Double>, _ length: Int
) throws(TrimtabError) {
  let (count, width) = (gradients.count, 256)
  let came = try Storage<Double>(count: count &* width, for: "gradients")
  let goes = try Storage<Double>(count: width, for: "gradients")
  for start in stride(from: 0, to: length, by: width) {
    let here = min(width, length &- start)
    for (k, gradient) in gradients.enumerated() {
      gradient.view.copy(from: start, count: here, to: came.pointer + k &* width)
    }
    for (i, gradient) in gradients.enumerated() {
      goes.pointer.update(repeating: 0, count: here)
      for k in 0..<count {
        let part = parts[i &* count &+ k]
        if part == 0 { continue }
        for place in 0..<here { goes.pointer[place] += part * came.pointer[k &* width &+ place] }
      }
      gradient.copy(from: UnsafePointer(goes.pointer), count: here, to: start)
    }
  }
}
