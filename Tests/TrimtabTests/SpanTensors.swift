import Testing
import Trimtab

@Suite struct SpanTensors {
  @Test func viewsAnArrayWithoutACopy() throws {
    let values: [Float] = [1, 2, 3, 4, 5, 6]
    let count = try withTensor(values.span, shape: [2, 3]) { view throws(TrimtabError) in
      #expect(view.elementType == .float32)
      #expect(view.isCompact)
      return view.count
    }
    #expect(count == 6)
  }

  @Test(arguments: [[2, 2], [7], [-1, 6], [1, 1, 1, 1, 1, 1, 1, 1, 6], [Int.max, Int.max]])
  func refusesShapesThatDoNotFit(shape: [Int]) {
    let values: [Double] = [1, 2, 3, 4, 5, 6]
    #expect(throws: TrimtabError.self) {
      try withTensor(values.span, shape: shape) { _ throws(TrimtabError) in }
    }
  }

  @Test func takesAnEmptyArray() throws {
    let none: [Double] = []
    try withTensor(none.span, shape: [0, 4]) { view throws(TrimtabError) in #expect(view.count == 0) }
  }
}
