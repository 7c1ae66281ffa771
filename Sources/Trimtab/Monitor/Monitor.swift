internal import CPlatform

/// Watches a training run step by step, and says what to do with each step.
///
/// Layers and parameters are registered once; each step is `beginStep`, observations in any order, `endStep`, after the
/// backward pass and before the optimizer's step. Not for use by two threads at a time. After the first steps nothing
/// here takes memory. Since: 0.2.
public final class Monitor {
  static let greatestFindingCount = 4096
  /// What `magic` holds while the monitor lives.
  public static let livingMagic: UInt64 = 0x7472_696d_7461_6221

  /// The first field: a handle that was destroyed shows, as far as memory still says so.
  public var magic = Monitor.livingMagic
  /// The second, used in the debug build: above 0 while a call is in here.
  public var busy: UInt64 = 0
  public let options: MonitorOptions
  let strictness: Strictness
  /// In the order of registration.
  var entries: [Watched] = []
  /// What is held against the run as a whole.
  let run: Watched
  let settings: Storage<RuleSettings>
  let findings = GrowingTable<Finding>(for: "findings")
  let scratch: UnitScratch
  /// Places in `entries` by topological order; made anew after a registration.
  var order: Storage<Int>?
  let series: RunSeries
  var watchman: Guardian
  /// What the host has told of the set-up.
  var setUp = SetUpWatch()
  var governor: Governor
  let recorder: FlightRecorder?
  var snapshot: Snapshot?
  var log: RunLog?
  /// Where the record goes by itself; a zero byte after it.
  var recordPath: Storage<CChar>?
  var isRecorded = false
  /// Entries that the log knows already; -1: it has no header yet.
  var loggedEntries = -1
  var lostRecords = 0
  var recordFailure: Int32 = 0

  /// Steps begun so far.
  var serial = 0
  /// The number of the open or of the last step.
  public internal(set) var step = Int.min
  public internal(set) var isOpen = false
  var scalars = ScalarValues()
  /// The quantities that were shown in this step, a bit for each.
  var shown: UInt32 = 0
  var tally = StepTally()
  var published = PublishedLosses()
  var start = PublishedStart()
  var percentiles: Storage<Double>?
  /// When the last step began or ended, and the longest pause since the last step's end.
  var lastCall = -Double.infinity
  var longestPause = 0.0
  var newFindingCount = 0
  var learning = LearningCourse()
  var hasSeenGradient = false

  /// - Throws: `invalidArgument` for an option out of range, `outOfMemory`.
  public init(options: MonitorOptions = MonitorOptions()) throws(TrimtabError) {
    try options.check()
    self.options = options
    strictness = options.strictness
    run = try Watched(
      MonitorEntry(), index: -1, name: UnsafeBufferPointer(start: nil, count: 0), isIndiscriminate: true)
    settings = try Storage(count: Rule.count, for: "rules")
    scratch = try UnitScratch(needsOutputs: true)
    watchman = Guardian(options)
    recorder = options.recorderSteps > 0 ? FlightRecorder(steps: options.recorderSteps) : nil
    governor = Governor(budget: options.budget, auditInterval: options.auditInterval)
    for number in 0..<Int32(Rule.count) {
      if let rule = Rule(rawValue: number) { settings.pointer[Int(number)] = rule.settings(options) }
    }
    series = try RunSeries(options, settings)
  }

  deinit { closeLog() }

  public var entryCount: Int { entries.count }

  /// Registers a layer or a parameter under a name that no other entry has.
  ///
  /// - Returns: 0 for the first entry, 1 for the next.
  /// - Throws: `invalidArgument` (name taken, empty or too long, a step is open), `outOfMemory`.
  public func register(
    _ name: UnsafeBufferPointer<UInt8>, _ entry: MonitorEntry
  ) throws(TrimtabError) -> Int {
    guard !isOpen else { throw TrimtabError(.invalidArgument, "monitor: found an open step, allowed between steps") }
    guard name.count > 0, name.count <= Watched.longestName else {
      throw TrimtabError(.invalidArgument, "name: found % bytes, allowed 1 to %", name.count, Watched.longestName)
    }
    try entry.check()
    guard index(of: name) == nil else {
      throw TrimtabError(.invalidArgument, "name: found one that is registered already, allowed a new one")
    }
    guard entries.count < 1 << 20 else {
      throw TrimtabError(.invalidArgument, "monitor: found % entries, allowed no more", entries.count)
    }
    let isPublished = options.preset == .sagemaker
    let watched = try Watched(entry, index: entries.count, name: name, isIndiscriminate: isPublished)
    if let activation = entry.activation, entry.role == .hidden {
      watched.units = try UnitWatch(activation, unitAxis: entry.unitAxis, isPublished: isPublished)
    }
    if entry.role.kind == .parameter { watched.sample = try WeightSample() }
    if entry.role == .weight { watched.spectrum = SpectralWatch() }
    if entry.role == .attention { watched.attention = try AttentionWatch() }
    entries.append(watched)
    order = nil
    return watched.index
  }

  /// The index of a name; nil if it is not registered.
  public func index(of name: UnsafeBufferPointer<UInt8>) -> Int? {
    for watched in entries where watched.matches(name) { return watched.index }
    return nil
  }

  /// The name of an entry with a zero byte after it; nil outside.
  public func name(of index: Int) -> UnsafePointer<UInt8>? {
    index >= 0 && index < entries.count ? UnsafePointer(entries[index].name.pointer) : nil
  }

  func watched(_ index: Int) throws(TrimtabError) -> Watched {
    guard index >= 0, index < entries.count else {
      throw TrimtabError(.invalidArgument, "entry: found %, allowed 0 to %", index, entries.count &- 1)
    }
    return entries[index]
  }

  // MARK: Rules

  public func settings(of rule: Rule) -> RuleSettings { settings.pointer[Int(rule.rawValue)] }

  /// - Throws: `invalidArgument` (a step is open, patience below 1, NaN).
  public func set(_ rule: Rule, _ value: RuleSettings) throws(TrimtabError) {
    guard !isOpen else { throw TrimtabError(.invalidArgument, "monitor: found an open step, allowed between steps") }
    try value.check()
    try series.configure(rule, value, options)
    settings.pointer[Int(rule.rawValue)] = value
  }

  /// Keeps a rule (nil: all) silent about an entry (-1: the run as a whole).
  public func silence(_ rule: Rule?, about index: Int) throws(TrimtabError) {
    let target = index == -1 ? run : try watched(index)
    target.silenced |= rule.map { $0.bit } ?? .max
  }

  // MARK: Findings

  public var findingCount: Int { findings.count }

  /// In the order in which they arose; nil outside.
  public func finding(_ index: Int) -> Finding? { findings.at(index)?.pointee }

  /// The places of all entries, by topological order and within it by registration. Made when first asked for.
  @inline(never)
  func sortedEntries() throws(TrimtabError) -> Storage<Int> {
    if let order { return order }
    let fresh = try Storage<Int>(count: entries.count, for: "order")
    let starts = try Storage<Int>(count: entries.count, for: "order")
    for place in 0..<entries.count { fresh.pointer[place] = place }
    mergeSort(fresh.pointer, starts.pointer, entries.count)
    order = fresh
    return fresh
  }

  /// Bottom-up and stable: no recursion, no memory but the second list.
  private func mergeSort(_ list: UnsafeMutablePointer<Int>, _ other: UnsafeMutablePointer<Int>, _ count: Int) {
    var width = 1
    while width < count {
      var start = 0
      while start < count {
        let middle = min(start &+ width, count)
        let end = min(start &+ 2 &* width, count)
        var left = start
        var right = middle
        for place in start..<end {
          let takesLeft =
            left < middle && (right >= end || entries[list[left]].entry.order <= entries[list[right]].entry.order)
          other[place] = list[takesLeft ? left : right]
          if takesLeft { left = left &+ 1 } else { right = right &+ 1 }
        }
        start = end
      }
      list.update(from: other, count: count)
      width = width &* 2
    }
  }
}

/// The numbers of one step; NaN and not seen are two things.
struct ScalarValues {
  private var values = SIMD8<Double>(repeating: .nan)
  private var seen: UInt32 = 0

  subscript(scalar: Scalar) -> Double? {
    get { seen & (1 << UInt32(scalar.rawValue)) != 0 ? values[Int(scalar.rawValue)] : nil }
    set {
      values[Int(scalar.rawValue)] = newValue ?? .nan
      let bit: UInt32 = 1 << UInt32(scalar.rawValue)
      seen = newValue == nil ? seen & ~bit : seen | bit
    }
  }
}
