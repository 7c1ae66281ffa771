/// The 1-Wasserstein distance of two samples of numbers: the area between their distribution functions.
///
/// For samples of one size the mean of |a_i - b_i| over both sorted. Equals `scipy.stats.wasserstein_distance` without
/// weights.
///
/// - Parameters:
///   - a, b: numbers of any shape, one or more, all finite.
/// - Throws: `shape` (none), `dtype`, `invalidArgument` (NaN or Inf), `outOfMemory`.
/// - Complexity: O(n log n). Since 0.4.
public func wassersteinDistance(_ a: TensorView, _ b: TensorView) throws(TrimtabError) -> Double {
  wassersteinDistance(descending: try sorted(a, "a"), try sorted(b, "b"))
}

private func sorted(_ view: TensorView, _ name: StaticText) throws(TrimtabError) -> Storage<Double> {
  guard view.count > 0 else { throw TrimtabError(.shape, "%: found no number, allowed 1 or more", name) }
  try requireNumbers(view, name)
  let numbers = try Storage<Double>(count: view.count, for: "numbers")
  view.copy(from: 0, count: view.count, to: numbers.pointer)
  for index in 0..<numbers.count where !numbers.pointer[index].isFinite {
    throw TrimtabError(
      .invalidArgument, "%: found % at index %, allowed finite numbers", name, numbers.pointer[index], index)
  }
  sortDescending(numbers.pointer, numbers.count)
  return numbers
}

/// Of numbers sorted from the greatest on.
private func wassersteinDistance(descending a: Storage<Double>, _ b: Storage<Double>) -> Double {
  let (n, m) = (a.count, b.count)
  var sum = 0.0
  if n == m {
    for index in 0..<n { sum += (a.pointer[index] - b.pointer[index]).magnitude }
    return sum / Double(n)
  }
  // Walks down both: between two numbers next to each other the functions differ by i/n - j/m.
  var (i, j) = (0, 0)
  var last = max(a.pointer[0], b.pointer[0])
  while i < n || j < m {
    let takesA = j >= m || (i < n && a.pointer[i] >= b.pointer[j])
    let next = takesA ? a.pointer[i] : b.pointer[j]
    sum += (last - next) * (Double(i) / Double(n) - Double(j) / Double(m)).magnitude
    last = next
    if takesA { i = i &+ 1 } else { j = j &+ 1 }
  }
  return sum
}
