public import Trimtab

/// Takes the steps of `OptimizerOptions` over parameters that are laid end to end, in pieces.
///
/// A step is `beginStep` and then `update` once for each piece. What it remembers, at most two numbers an element, is
/// of the parameters' precision; memory is taken only when it is made. Not for use by two threads at a time.
/// Since: 0.3.
public final class Optimizer {
  /// The kind is that of the start; whatever else is changed counts from the next `beginStep` on.
  public var options: OptimizerOptions
  public let count: Int
  /// Steps that were begun.
  public private(set) var stepCount = 0
  private let kind: OptimizerOptions.Kind
  /// The means, then the means of squares, as the kind has them.
  private let memory: FlatMemory
  private let squaresStart: Int
  private var rule = UpdateCoefficients()

  /// - Parameter count: elements of all parameters.
  /// - Throws: `invalidArgument`, `outOfMemory`.
  public init(_ options: OptimizerOptions, count: Int, precision: Precision) throws(TrimtabError) {
    try options.check(precision)
    self.options = options
    self.count = count
    kind = options.kind
    let arrays = (options.usesMean ? 1 : 0) &+ (options.usesSquares ? 1 : 0)
    memory = try FlatMemory(arrays: arrays, count: count, precision: precision)
    squaresStart = options.usesMean ? count : 0
  }

  /// Counts the step and sets its learning rate, which `options` then hold, and its bias corrections.
  ///
  /// A rate that is no number, or negative, is taken as it is: check what a caller gives. Complexity: O(log steps).
  public func beginStep(learningRate: Double) {
    options.learningRate = learningRate
    options.kind = kind
    stepCount = stepCount &+ 1
    rule = UpdateCoefficients(options, stepCount)
  }

  /// The step of elements `offset` to `offset + count` of all parameters. Nothing happens to a piece that is not inside.
  ///
  /// - Parameters:
  ///   - parameters, gradient: `count` elements each of the precision; they do not overlap.
  ///   - factor: of the gradient, as clipping has it.
  ///   - decays: whether weight decay applies to this piece.
  ///
  /// NaN and Inf go through as in PyTorch. Complexity: O(count).
  public func update(
    _ parameters: UnsafeMutableRawPointer, gradient: UnsafeRawPointer, offset: Int, count: Int, factor: Double,
    decays: Bool
  ) {
    guard memory.has(offset, count) else { return }
    rule.factor = factor
    rule.decays = decays
    // The last few elements fill up vectors here, so that one loop serves all.
    var room = (SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero)
    withUnsafeMutableBytes(of: &room) { room in
      guard let room = room.baseAddress else { return }
      let mean = rule.usesMean ? memory.at(offset) : room
      let squares = rule.usesSquares ? memory.at(squaresStart &+ offset) : room
      let whole = count & ~7
      run(parameters, gradient, mean, squares, whole)
      let start = whole &* memory.precision.byteCount
      let rest = (count & 7) &* memory.precision.byteCount
      if rest == 0 { return }
      room.copyMemory(from: parameters + start, byteCount: rest)
      (room + 64).copyMemory(from: gradient + start, byteCount: rest)
      if rule.usesMean { (room + 128).copyMemory(from: mean + start, byteCount: rest) }
      if rule.usesSquares { (room + 192).copyMemory(from: squares + start, byteCount: rest) }
      run(room, room + 64, room + 128, room + 192, 8)
      (parameters + start).copyMemory(from: room, byteCount: rest)
      if rule.usesMean { (mean + start).copyMemory(from: room + 128, byteCount: rest) }
      if rule.usesSquares { (squares + start).copyMemory(from: room + 192, byteCount: rest) }
    }
  }

  private func run(
    _ parameters: UnsafeMutableRawPointer, _ gradient: UnsafeRawPointer, _ mean: UnsafeMutableRawPointer,
    _ squares: UnsafeMutableRawPointer, _ count: Int
  ) {
    if memory.precision == .float32 {
      rule.run(parameters, gradient, mean, squares, count, FloatLanes.self)
    } else {
      rule.run(parameters, gradient, mean, squares, count, DoubleLanes.self)
    }
  }

  /// What the update divides by, for every element: sqrt(v^) + epsilon for Adam and AdamW, sqrt(v) + epsilon for
  /// RMSProp, 1 for others, as of the last step; before the first, epsilon.
  public func preconditioner(into place: UnsafeMutablePointer<Double>) {
    let hasSquares = kind == .adam || kind == .adamW || kind == .rmsProp
    for index in 0..<count {
      guard hasSquares else {
        place[index] = 1
        continue
      }
      let own = memory.at(squaresStart &+ index)
      let square = memory.precision == .float32 ? Double(own.load(as: Float.self)) : own.load(as: Double.self)
      place[index] = square.squareRoot() * rule.inverseRoot + options.epsilon
    }
  }

  /// Writes what the next steps depend on, so that they give the same bits.
  public func write(to writer: inout StateWriter) {
    writer.write(Int(kind.rawValue))
    writer.write(Int(memory.precision.rawValue))
    writer.write(count)
    writer.write(stepCount)
    options.write(to: &writer)
    memory.write(to: &writer)
  }

  /// Takes up a written state. Errors: `stateCorrupt`, also for one of another kind, precision or count; nothing is
  /// changed then.
  public func read(from reader: inout StateReader) throws(TrimtabError) {
    var found = options
    found.kind = kind
    _ = try reader.readCount(Int(kind.rawValue)...Int(kind.rawValue))
    _ = try reader.readCount(Int(memory.precision.rawValue)...Int(memory.precision.rawValue))
    _ = try reader.readCount(count...count)
    let steps = try reader.readCount(0...Int.max)
    try found.read(from: &reader)
    try memory.read(from: &reader)
    options = found
    stepCount = steps
    rule = UpdateCoefficients(options, steps)
  }
}
