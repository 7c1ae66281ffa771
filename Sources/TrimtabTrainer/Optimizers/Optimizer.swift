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
  private let mean: FlatMemory
  private let squares: FlatMemory
  private var rule = UpdateCoefficients()
  /// Where the last few elements of a piece fill up vectors.
  private let room: Storage<Double>

  /// - Parameter count: elements of all parameters.
  /// - Throws: `invalidArgument`, `outOfMemory`.
  public init(_ options: OptimizerOptions, count: Int, precision: Precision) throws(TrimtabError) {
    try options.check()
    self.options = options
    self.count = count
    kind = options.kind
    mean = try FlatMemory(count: options.usesMean ? count : min(count, 0), precision: precision)
    squares = try FlatMemory(count: options.usesSquares ? count : min(count, 0), precision: precision)
    room = try Storage(count: 32, for: "parameters")
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
    guard offset >= 0, count >= 0, offset <= self.count, count <= self.count &- offset else { return }
    rule.factor = factor
    rule.decays = decays && options.weightDecay > 0
    let bytes = mean.precision.byteCount
    let whole = count & ~7
    let room = UnsafeMutableRawPointer(room.pointer)
    let first = rule.usesMean ? mean.at(offset) : room
    let second = rule.usesSquares ? squares.at(offset) : room
    run(parameters, gradient, first, second, whole)
    guard whole < count else { return }
    let start = whole &* bytes
    let rest = (count &- whole) &* bytes
    room.copyMemory(from: parameters + start, byteCount: rest)
    (room + 64).copyMemory(from: gradient + start, byteCount: rest)
    if rule.usesMean { (room + 128).copyMemory(from: first + start, byteCount: rest) }
    if rule.usesSquares { (room + 192).copyMemory(from: second + start, byteCount: rest) }
    run(room, room + 64, room + 128, room + 192, 8)
    (parameters + start).copyMemory(from: room, byteCount: rest)
    if rule.usesMean { (first + start).copyMemory(from: room + 128, byteCount: rest) }
    if rule.usesSquares { (second + start).copyMemory(from: room + 192, byteCount: rest) }
  }

  private func run(
    _ parameters: UnsafeMutableRawPointer, _ gradient: UnsafeRawPointer, _ mean: UnsafeMutableRawPointer,
    _ squares: UnsafeMutableRawPointer, _ count: Int
  ) {
    if self.mean.precision == .float32 {
      rule.run(parameters, gradient, mean, squares, count, FloatLanes.self)
    } else {
      rule.run(parameters, gradient, mean, squares, count, DoubleLanes.self)
    }
  }

  /// What the update divides by, for every element: sqrt(v^) + epsilon for Adam and AdamW, sqrt(v) + epsilon for
  /// RMSProp, 1 for others, as of the last step; before the first, epsilon.
  public func preconditioner(into place: UnsafeMutablePointer<Double>) {
    guard squares.count > 0 else { return place.update(repeating: 1, count: count) }
    let isSingle = squares.precision == .float32
    for index in 0..<squares.count {
      let memory = squares.at(index)
      let square = isSingle ? Double(memory.load(as: Float.self)) : memory.load(as: Double.self)
      place[index] = square.squareRoot() * rule.inverseRoot + options.epsilon
    }
  }

  /// Writes what the next steps depend on, so that they give the same bits.
  public func write(to writer: inout StateWriter) {
    writer.write(Int(kind.rawValue))
    writer.write(Int(mean.precision.rawValue))
    writer.write(count)
    writer.write(stepCount)
    options.write(to: &writer)
    mean.write(to: &writer)
    squares.write(to: &writer)
  }

  /// Takes up a written state. Errors: `stateCorrupt`, also for one of another kind, precision or count; nothing is
  /// changed then.
  public func read(from reader: inout StateReader) throws(TrimtabError) {
    var found = options
    found.kind = kind
    _ = try reader.readCount(Int(kind.rawValue)...Int(kind.rawValue))
    _ = try reader.readCount(Int(mean.precision.rawValue)...Int(mean.precision.rawValue))
    _ = try reader.readCount(count...count)
    let steps = try reader.readCount(0...Int.max)
    try found.read(from: &reader)
    guard reader.remaining >= mean.byteCount &+ squares.byteCount else { throw StateReader.corrupt }
    try mean.read(from: &reader)
    try squares.read(from: &reader)
    options = found
    stepCount = steps
    rule = UpdateCoefficients(options, steps)
  }
}
