import Testing
import Trimtab

@testable import TrimtabTrainer

/// Every operation's first and second derivatives.
struct OperationTests {
  private func check(
    _ shapes: [Shape], range: ClosedRange<Double> = -1.5...1.5, second: Bool = true, seed: UInt64 = 1,
    _ build: (Tape, [Value]) throws(TrimtabError) -> Value
  ) throws {
    var random = SplitMix(seed)
    try GradientCheck(shapes, range: range, using: &random, build).run(second: second, using: &random)
  }

  @Test(arguments: [
    ElementFunction(.linear, a: 1.7, b: -0.3), ElementFunction(.power, a: 2), ElementFunction(.power, a: 3),
    ElementFunction(.exponential), ElementFunction(.leaky, a: 0), ElementFunction(.leaky, a: 0.3),
    ElementFunction(.elu, a: 1, b: 1), .selu, ElementFunction(.silu), ElementFunction(.gelu),
    ElementFunction(.softplus), ElementFunction(.tanh), ElementFunction(.sigmoid), ElementFunction(.magnitude),
    ElementFunction(.huber, a: 0.7),
  ])
  func functions(_ function: ElementFunction) throws {
    // Away from kinks, which differences step over.
    var random = SplitMix(3)
    let check = try GradientCheck([Shape(3, 5)], using: &random) { (tape, inputs) throws(TrimtabError) in
      tape.apply(function, inputs[0])
    }
    for index in 0..<15 {
      let x = check.tape.number(check.inputs[0], at: index)
      if x.magnitude < 0.01 || (x.magnitude - 0.7).magnitude < 0.01 {
        check.tape.set(check.inputs[0], at: index, to: 0.5)
      }
    }
    try check.run(using: &random)
  }

  @Test(arguments: [
    ElementFunction(.power, a: 0.5), ElementFunction(.power, a: -1), ElementFunction(.power, a: -0.5),
    ElementFunction(.power, a: 1.3), ElementFunction(.logarithm),
  ])
  func functionsOfPositiveNumbers(_ function: ElementFunction) throws {
    try check([Shape(7)], range: 0.5...2) { (tape, inputs) throws(TrimtabError) in tape.apply(function, inputs[0]) }
  }

  /// The written-out derivatives against differences of the order before.
  @Test(arguments: [
    ElementFunction(.elu, a: 0.8, b: 1.1), ElementFunction(.silu), ElementFunction(.gelu), ElementFunction(.softplus),
    ElementFunction(.tanh), ElementFunction(.sigmoid), ElementFunction(.power, a: 2.5), ElementFunction(.logarithm),
  ])
  func higherDerivatives(_ function: ElementFunction) {
    let step = 1e-3
    for order in 0..<4 {
      var lower = function
      lower.order = UInt8(order)
      let higher = lower.derivative
      for x in [0.9, 1.7, 2.5] {
        let slope =
          (8 * (lower(x + step) - lower(x - step)) - (lower(x + 2 * step) - lower(x - 2 * step))) / (12 * step)
        #expect((slope - higher(x)).magnitude <= 1e-9 * max(1, slope.magnitude), "order \(order) at \(x)")
      }
    }
  }

  @Test(arguments: [
    (Shape(3, 4), Shape(3, 4)), (Shape(3, 4), Shape(4)), (Shape(3, 1), Shape(3, 4)), (Shape(), Shape(2, 3)),
    (Shape(2, 1, 3), Shape(4, 1)), (Shape(2, 3, 1, 2), Shape(1, 5, 1)),
  ])
  func arithmetic(_ shapes: (Shape, Shape)) throws {
    for order in [[shapes.0, shapes.1], [shapes.1, shapes.0]] {
      try check(order) { (tape, x) throws(TrimtabError) in tape.add(x[0], tape.multiply(x[0], x[1])) }
      try check(order) { (tape, x) throws(TrimtabError) in tape.subtract(tape.multiply(x[0], x[0]), x[1]) }
      try check(order, range: 0.5...2) { (tape, x) throws(TrimtabError) in tape.divide(x[0], x[1]) }
    }
  }

  @Test func sums() throws {
    for axes in 0..<UInt32(8) {
      try check([Shape(3, 2, 4)]) { (tape, x) throws(TrimtabError) in
        tape.sum(tape.multiply(x[0], tape.multiply(x[0], x[0])), over: axes)
      }
      try check([Shape(3, 2, 4)]) { (tape, x) throws(TrimtabError) in
        let mean = tape.mean(x[0], over: axes)
        return tape.multiply(mean, tape.subtract(x[0], mean))
      }
    }
  }

  @Test func products() throws {
    for (ta, tb) in [(false, false), (false, true), (true, false), (true, true)] {
      let a = ta ? Shape(4, 3) : Shape(3, 4)
      let b = tb ? Shape(5, 4) : Shape(4, 5)
      try check([a, b]) { (tape, x) throws(TrimtabError) in
        tape.product(x[0], x[1], transposingA: ta, transposingB: tb)
      }
      let (a3, b3) = (Shape(2, a[0], a[1]), Shape(2, b[0], b[1]))
      try check([a3, b3]) { (tape, x) throws(TrimtabError) in
        tape.product(x[0], x[1], transposingA: ta, transposingB: tb)
      }
    }
    try check([Shape(3, 4), Shape(4, 2), Shape(2)]) { (tape, x) throws(TrimtabError) in
      tape.affine(x[0], x[1], x[2])
    }
  }

  /// Sizes on both sides of every edge of the tiles, against sums in the plain order.
  @Test(arguments: [(1, 1, 1), (8, 16, 3), (9, 17, 5), (7, 33, 300), (16, 10, 256), (3, 64, 257), (40, 31, 40)])
  func productsOfAllSizes(_ size: (Int, Int, Int)) throws {
    let (rows, columns, depth) = size
    for precision in [Precision.float32, .float64] {
      var random = SplitMix(5)
      for (ta, tb) in [(false, false), (false, true), (true, false), (true, true)] {
        let tape = try Tape(precision: precision)
        let a = tape.leaf(ta ? Shape(depth, rows) : Shape(rows, depth))
        let b = tape.leaf(tb ? Shape(columns, depth) : Shape(depth, columns))
        for index in 0..<rows * depth { tape.set(a, at: index, to: .random(in: -1...1, using: &random)) }
        for index in 0..<columns * depth { tape.set(b, at: index, to: .random(in: -1...1, using: &random)) }
        let c = tape.product(a, b, transposingA: ta, transposingB: tb)
        var worst = 0.0
        for row in 0..<rows {
          for column in 0..<columns {
            var sum = 0.0
            for k in 0..<depth {
              sum +=
                tape.number(a, at: ta ? k * rows + row : row * depth + k)
                * tape.number(b, at: tb ? column * depth + k : k * columns + column)
            }
            worst = max(worst, (sum - tape.number(c, at: row * columns + column)).magnitude)
          }
        }
        // Each rounding is half a unit of a partial sum, which is below the depth.
        #expect(worst <= Double(depth * depth) * (precision == .float32 ? 0x1p-24 : 0x1p-53))
      }
    }
  }

  @Test func places() throws {
    let table = try PlaceTable(count: 4, length: 2, groups: 2, extent: 3)
    for (index, place) in [2, -1, 0, 2].enumerated() { table[index] = place }
    try check([Shape(2, 6)]) { (tape, x) throws(TrimtabError) in
      let found = tape.gather(tape.multiply(x[0], x[0]), table, shape: Shape(2, 4, 2))
      return tape.multiply(found, found)
    }
    try check([Shape(2, 8)]) { (tape, x) throws(TrimtabError) in
      let found = tape.scatter(tape.multiply(x[0], x[0]), table, shape: Shape(2, 3, 2))
      return tape.multiply(found, found)
    }
    let windows = try PlaceTable(count: 6, length: 1, groups: 2, extent: 5)
    for (index, place) in [0, 1, 4, 2, 3, -1].enumerated() { windows[index] = place }
    try check([Shape(2, 5)]) { (tape, x) throws(TrimtabError) in
      let found = try tape.greatest(x[0], windows, window: 3, shape: Shape(2, 2))
      return tape.multiply(found, found)
    }
  }

  @Test func sparseProducts() throws {
    let entries = [(0, 1, 0.5), (2, 0, -1.5), (2, 3, 2), (0, 1, 0.25)]
    let matrix = try SparseMatrix(rows: 3, columns: 4, count: entries.count) { entries[$0] }
    try check([Shape(4, 2)]) { (tape, x) throws(TrimtabError) in
      let y = tape.sparseProduct(matrix, tape.multiply(x[0], x[0]))
      return tape.sparseProduct(matrix, tape.multiply(y, y), transposing: true)
    }
  }

  @Test func softmaxes() throws {
    try check([Shape(3, 4)]) { (tape, x) throws(TrimtabError) in tape.softmax(x[0]) }
    try check([Shape(2, 2, 5)]) { (tape, x) throws(TrimtabError) in tape.logSoftmax(x[0]) }
  }

  @Test func composedOnes() throws {
    try check([Shape(3, 4)]) { (tape, x) throws(TrimtabError) in tape.logSumExp(x[0]) }
    try check([Shape(2, 3, 4)]) { (tape, x) throws(TrimtabError) in tape.square(try tape.transpose(x[0])) }
    for axis in 0..<3 {
      let other = Shape(2, 3, 4).replacing(axis, with: 5)
      try check([Shape(2, 3, 4), other]) { (tape, x) throws(TrimtabError) in
        tape.square(try tape.concatenate([x[0], x[1], x[0]], axis: axis))
      }
    }
    let tape = try Tape(precision: .float64)
    let a = tape.leaf(Shape(2, 2))
    for index in 0..<4 { tape.set(a, at: index, to: Double(index + 1) * 1000) }
    tape.replay()
    let joined = try tape.concatenate([a, try tape.transpose(a)], axis: 1)
    #expect((0..<8).map { tape.number(joined, at: $0) } == [1000, 2000, 1000, 3000, 3000, 4000, 2000, 4000])
    // e^1000 would overflow.
    #expect(tape.number(tape.logSumExp(a), at: 1) == 4000)
    #expect(try tape.concatenate([a, tape.leaf(Shape(3, 2))], axis: 1).isNone)
    #expect(throws: TrimtabError.self) { try tape.check() }
  }

  @Test func reshapes() throws {
    try check([Shape(3, 4)]) { (tape, x) throws(TrimtabError) in
      tape.product(tape.reshape(x[0], Shape(2, 6)), tape.reshape(x[0], Shape(6, 2)))
    }
  }

  /// Chains of operations drawn at random over values of one shape.
  @Test(arguments: 0..<20 as Range<UInt64>)
  func randomGraphs(_ seed: UInt64) throws {
    var random = SplitMix(seed &* 7919 &+ 11)
    var choices = SplitMix(seed)
    let functions = [
      ElementFunction(.tanh), ElementFunction(.sigmoid), ElementFunction(.gelu), ElementFunction(.softplus),
      ElementFunction(.silu), ElementFunction(.power, a: 2),
    ]
    let check = try GradientCheck([Shape(4, 4), Shape(4, 4), Shape(4)], using: &random) {
      (tape, inputs) throws(TrimtabError) in
      var values = [inputs[0], inputs[1]]
      for _ in 0..<8 {
        let a = values[Int.random(in: 0..<values.count, using: &choices)]
        let b = values[Int.random(in: 0..<values.count, using: &choices)]
        let made: Value =
          switch Int.random(in: 0..<8, using: &choices) {
          case 0: tape.add(a, b)
          case 1: tape.multiply(a, tape.apply(ElementFunction(.tanh), b))
          case 2: tape.scale(tape.product(a, b, transposingB: true), by: 0.3)
          case 3: tape.apply(functions[Int.random(in: 0..<functions.count, using: &choices)], a)
          case 4: tape.subtract(a, tape.mean(b, over: 2))
          case 5: tape.softmax(a)
          case 6: tape.add(a, inputs[2])
          default: tape.divide(a, tape.scale(tape.apply(ElementFunction(.softplus), b), by: 1, plus: 1))
          }
        values.append(made)
      }
      return values[values.count - 1]
    }
    try check.run(using: &random)
  }
}
