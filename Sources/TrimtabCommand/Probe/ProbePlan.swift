/// Which numbers of a call are inputs and which outputs.
struct ProbePlan {
  struct Slot {
    let argument: ProbeSignature.Argument
    /// Numbers it holds.
    let count: Int
    /// Of its first number among the inputs and the outputs; nil where it is none.
    var input: Int?
    var output: Int?
    /// Of a value that is not swept.
    var constant: Double?
  }

  private(set) var slots: [Slot] = []
  private(set) var inputNames: [String] = []
  private(set) var outputCount = 0
  let result: ProbeSignature.Number?
  /// Whether the result is an output; beside outputs that are written, an integer is a status, 0 where all went well.
  let resultIsOutput: Bool
  let low: [Double]
  let high: [Double]
  /// The relative error of a value.
  let rounding: Double

  /// - Parameters:
  ///   - domain: a range an input, in the order of the arguments; one alone stands for all
  ///   - constants: values of arguments that are not swept, by name
  init(_ signature: ProbeSignature, domain: [ProbeRange], constants: [String: Double]) throws {
    for name in constants.keys.sorted() {
      guard let argument = signature.arguments.first(where: { $0.name == name && $0.passing == .value }) else {
        throw ProbeError("--set \(name): found no argument of this name that is passed by value")
      }
      if let value = constants[name], let allowed = argument.number?.refusal(of: value) {
        throw ProbeError("--set \(name): found \(figure(value)), allowed \(allowed)")
      }
    }
    let inputCount = try ProbePlan.fill(signature, domain, constants)
    var used = 0
    for argument in signature.arguments {
      let isRead =
        argument.passing == .input || argument.passing == .both
        || argument.passing == .value && constants[argument.name] == nil
      let isWritten = argument.passing == .output || argument.passing == .both
      var count = argument.count ?? (argument.passing == .value ? 1 : argument.passing == .userData ? 0 : nil)
      if count == nil { count = isRead ? inputCount.open : max(1, inputCount.all) }
      var slot = Slot(argument: argument, count: count ?? 1)
      slot.constant = constants[argument.name]
      if isRead, argument.passing != .userData {
        slot.input = used
        used += slot.count
        for index in 0..<slot.count {
          inputNames.append(argument.passing == .value ? argument.name : "\(argument.name)[\(index)]")
        }
      }
      if isWritten {
        slot.output = outputCount
        outputCount += slot.count
      }
      slots.append(slot)
    }
    result = signature.result
    resultIsOutput = result != nil && (outputCount == 0 || result?.isFloatingPoint == true)
    if resultIsOutput { outputCount += 1 }
    guard outputCount > 0 else {
      throw ProbeError("--signature: found nothing that is returned or written, allowed one output or more")
    }
    let ranges = domain.count == 1 ? Array(repeating: domain[0], count: used) : domain
    guard ranges.contains(where: { $0.low < $0.high }) else {
      let found = domain.prefix(4).map { "\(figure($0.low)):\(figure($0.high))" }.joined(separator: ",")
      throw ProbeError(
        "--domain: found '\(found)\(domain.count > 4 ? ",…" : "")', which is empty, allowed one range or more whose lower "
          + "end is below its upper")
    }
    (low, high) = (ranges.map(\.low), ranges.map(\.high))
    let isSingle = ([result] + signature.arguments.map(\.number)).contains(.f32)
    rounding = isSingle ? 0x1p-23 : 0x1p-52
  }

  /// How many inputs there are, and how many of them the one pointer without a count has.
  private static func fill(
    _ signature: ProbeSignature, _ domain: [ProbeRange], _ constants: [String: Double]
  ) throws -> (all: Int, open: Int) {
    var (known, open) = (0, 0)
    for argument in signature.arguments {
      switch argument.passing {
      case .value:
        guard constants[argument.name] == nil else { continue }
        guard argument.number?.isFloatingPoint == true else {
          throw ProbeError(
            "--signature: found the integer \(argument.name) by value, allowed with --set \(argument.name)=…")
        }
        known += 1
      case .input, .both:
        if let count = argument.count { known += count } else { open += 1 }
      case .output, .userData: continue
      }
    }
    guard known + open > 0 else { throw ProbeError("--signature: found no input to sweep, allowed one or more") }
    guard open <= 1 else {
      throw ProbeError(
        "--signature: found \(open) pointers that are read and have no count, allowed one: write name[count]")
    }
    let left = domain.count == 1 ? 1 : domain.count - known
    guard open == 0 && (domain.count == 1 || domain.count == known) || open == 1 && left >= 1 else {
      throw ProbeError(
        "--domain: found \(counted(domain.count, "range")) for \(counted(known, "input"))\(open > 0 ? " and more" : ""), "
          + "allowed one for all or one each")
    }
    return (known + (open > 0 ? left : 0), left)
  }
}

/// A side of the domain: `lo:hi`.
struct ProbeRange {
  let low: Double
  let high: Double

  /// The ranges of `lo:hi,lo:hi,…`.
  static func list(_ text: String) throws -> [ProbeRange] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      let ends = part.split(separator: ":", omittingEmptySubsequences: false).map { Double($0.filter { $0 != " " }) }
      guard ends.count == 2, let low = ends[0], let high = ends[1], low.isFinite, high.isFinite, low <= high else {
        throw ProbeError("--domain: found '\(part)', allowed lo:hi of finite numbers, lo not above hi")
      }
      guard (high - low).isFinite else {
        throw ProbeError(
          "--domain: found '\(part)', allowed ends that are at most \(figure(Double.greatestFiniteMagnitude)) apart")
      }
      return ProbeRange(low: low, high: high)
    }
  }

  /// The numbers of `a,b,…`.
  static func point(_ text: String, _ name: String, count: Int) throws -> [Double] {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Double($0.filter { $0 != " " }) }
    let found = numbers.compactMap { $0 }.filter(\.isFinite)
    guard found.count == numbers.count, found.count == count else {
      throw ProbeError("\(name): found '\(text)', allowed \(counted(count, "finite number")) with commas between")
    }
    return found
  }
}
