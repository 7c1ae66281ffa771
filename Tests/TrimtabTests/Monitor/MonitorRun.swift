import Testing

@testable import Trimtab

/// A monitor under test: entries by name, tensors from arrays, and a step in one call.
final class MonitorRun {
  let monitor: Monitor
  private(set) var number = 0

  init(_ change: (inout MonitorOptions) -> Void = { _ in }) throws {
    var options = MonitorOptions()
    // What is looked at must not depend on how busy the machine is.
    options.budget = 0
    change(&options)
    monitor = try Monitor(options: options)
  }

  @discardableResult
  func register(
    _ name: String, _ role: Role = .weight, order: Int? = nil, _ change: (inout MonitorEntry) -> Void = { _ in }
  ) throws -> Int {
    var entry = MonitorEntry(role: role)
    entry.order = order ?? monitor.entryCount
    change(&entry)
    let bytes = Array(name.utf8)
    return try bytes.withUnsafeBufferPointer { (buffer) throws(TrimtabError) in try monitor.register(buffer, entry) }
  }

  func show<Element: TensorElement>(
    _ index: Int, _ quantity: Quantity, _ values: [Element], shape: [Int]? = nil
  ) throws {
    try withTensor(values.span, shape: shape ?? [values.count, 1]) { view throws(TrimtabError) in
      try monitor.observe(index, quantity, view)
    }
  }

  /// The same in float16.
  func showHalves(_ index: Int, _ quantity: Quantity, _ values: [Double], shape: [Int]? = nil) throws {
    let bits = values.map { Float16($0).bitPattern }
    try bits.withUnsafeBytes { bytes in
      let view = try TensorView(bytes.baseAddress, .float16, shape: shape ?? [values.count, 1])
      try monitor.observe(index, quantity, view)
    }
  }

  /// The next step, with what `body` shows in it.
  @discardableResult
  func step(_ body: () throws -> Void = {}) throws -> Decision {
    number += 1
    try monitor.beginStep(number)
    try body()
    return try monitor.endStep()
  }

  func restored(to step: Int) throws {
    try monitor.restored(to: step)
    number = step
  }

  var findings: [Finding] { (0..<monitor.findingCount).compactMap { monitor.finding($0) } }

  /// The first finding; where there is none that is a failure, and the answer one that equals nothing.
  var first: Finding {
    if let found = findings.first { return found }
    Issue.record("there is no finding")
    return Finding(
      rule: .nonfinite, verdict: .healthy, cause: .none, entry: .min, firstStep: .min, lastStep: .min, value: .nan,
      threshold: .nan)
  }

  func findings(_ rule: Rule) -> [Finding] { findings.filter { $0.rule == rule } }

  func name(of finding: Finding) -> String {
    monitor.name(of: finding.entry).map { String(cString: $0) } ?? ""
  }
}

/// splitmix64: the same numbers on every machine.
struct SeededNumbers {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func unit() -> Double {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return Double((z ^ (z >> 31)) >> 11) * 0x1p-53
  }

  /// Nearly normal: the sum of twelve uniforms.
  mutating func normal() -> Double {
    var total = -6.0
    for _ in 0..<12 { total += unit() }
    return total
  }

  mutating func normals(_ count: Int, scale: Double = 1, shift: Double = 0) -> [Double] {
    (0..<count).map { _ in shift + scale * normal() }
  }
}

extension ObjectiveFacts {
  /// Of a regression whose targets deviate by 1, and a constant guess at which comes to so much.
  static func regression(guess: Double, mean: Double = 0) -> ObjectiveFacts {
    var facts = ObjectiveFacts()
    (facts.loss, facts.reduction, facts.activation) = (.squaredError, .mean, OutputActivation.none)
    (facts.sampleCount, facts.elementCount, facts.outputCount, facts.distinctCount) = (32, 32, 1, 64)
    (facts.scale, facts.meanLoss, facts.guessLoss) = (1, guess, guess)
    (facts.targetMean, facts.targetDeviation, facts.targetMinimum, facts.targetMaximum) = (mean, 1, mean - 2, mean + 2)
    (facts.integerShare, facts.unreachableShare, facts.zeroOutputShare) = (0, 0, 0)
    (facts.outputDeviation, facts.outputMinimum, facts.outputMaximum) = (1, -2, 2)
    return facts
  }
}
