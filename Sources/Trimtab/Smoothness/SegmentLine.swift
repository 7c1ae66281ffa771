/// A function along a segment: s in [0, 1] is the point a + s (b - a).
final class SegmentLine {
  private let function: PointFunction
  let inputCount: Int
  let outputCount: Int
  private let points: Storage<Double>
  private(set) var evaluationCount = 0

  init(_ function: @escaping PointFunction, _ inputCount: Int, _ outputCount: Int) throws(TrimtabError) {
    self.function = function
    self.inputCount = inputCount
    self.outputCount = outputCount
    points = try Storage(count: 3 &* inputCount, for: "points")
  }

  /// a (0) or b (1).
  func end(_ index: Int) -> UnsafeMutablePointer<Double> { points.pointer + (index &+ 1) &* inputCount }

  var length: Double {
    var sum = 0.0
    for index in 0..<inputCount {
      let side = end(1)[index] - end(0)[index]
      sum += side * side
    }
    return sum.squareRoot()
  }

  func evaluate(_ s: Double, into values: UnsafeMutablePointer<Double>) throws(TrimtabError) {
    let (a, b) = (end(0), end(1))
    for index in 0..<inputCount { points.pointer[index] = s == 1 ? b[index] : a[index] + s * (b[index] - a[index]) }
    evaluationCount = evaluationCount &+ 1
    try function(points.pointer, values)
  }
}
