/// Sorts in place, largest first: heapsort, so that no input makes it slow and no memory is needed.
///
/// - Parameter companions: as many integers, which move with their values; nil for none.
@inline(never)
func sortDescending(
  _ values: UnsafeMutablePointer<Double>, _ count: Int, with companions: UnsafeMutablePointer<Int>? = nil
) {
  func exchange(_ a: Int, _ b: Int) {
    let value = values[a]
    values[a] = values[b]
    values[b] = value
    guard let companions else { return }
    let companion = companions[a]
    companions[a] = companions[b]
    companions[b] = companion
  }
  func sift(_ start: Int, _ end: Int) {
    var root = start
    while 2 &* root &+ 1 < end {
      var child = 2 &* root &+ 1
      if child &+ 1 < end && values[child &+ 1] < values[child] { child &+= 1 }
      if values[root] <= values[child] { return }
      exchange(root, child)
      root = child
    }
  }
  guard count > 1 else { return }
  for start in Swift.stride(from: count / 2 &- 1, through: 0, by: -1) { sift(start, count) }
  for end in Swift.stride(from: count &- 1, to: 0, by: -1) {
    exchange(0, end)
    sift(0, end)
  }
}
