/// Tells what a line says, in one pass over its bytes.
struct RunLineParser {
  /// What to gather of a flight record's steps; nil: nothing.
  var wanted: Set<String>?
  private(set) var seen: [SeenEntry] = []

  private var marker = Marker.none
  private var header = RunHeader()
  private var step = RunStep(number: 0)
  private var finding = RunFinding()
  private var closing = RunClosing()

  private enum Marker { case none, header, step, finding, restored, closing }

  init(wanted: Set<String>? = nil) { self.wanted = wanted }

  /// One object from `scanner`; nil where it is malformed.
  mutating func parse(_ scanner: inout JSONScanner) -> RunLine? {
    marker = .none
    header = RunHeader()
    step = RunStep(number: 0)
    finding = RunFinding()
    closing = RunClosing()
    seen.removeAll(keepingCapacity: true)
    guard scanner.object({ scanner, key in field(&scanner, key) }) else { return nil }
    switch marker {
    case .none: return .other
    case .header: return .header(header)
    // Another program's log may have steps too, but no actions.
    case .step: return step.action.isEmpty ? .other : .step(step)
    case .finding: return .finding(finding)
    case .restored: return .restored(step.number)
    case .closing: return .closing(closing)
    }
  }

  // The first key of a line tells its kind; a key counts only within its kind.
  private mutating func field(_ scanner: inout JSONScanner, _ key: JSONKey) -> Bool {
    switch marker {
    case .step: stepField(&scanner, key)
    case .finding: findingField(&scanner, key)
    case .closing: closingField(&scanner, key)
    case .header: headerField(&scanner, key)
    case .none, .restored: firstField(&scanner, key)
    }
  }

  private mutating func firstField(_ scanner: inout JSONScanner, _ key: JSONKey) -> Bool {
    var found: Int?
    guard key == "step" || key == "finding" || key == "end" || key == "restored" || isHeader(key) else {
      return scanner.skip()
    }
    guard scanner.integer(&found) else { return false }
    guard let found, marker == .none else { return true }
    if key == "step" {
      marker = .step
      step.number = found
    } else if key == "finding" {
      marker = .finding
      finding.number = found
    } else if key == "end" {
      marker = .closing
      closing.lastStep = found
    } else if key == "restored" {
      marker = .restored
      step.number = found
    } else {
      marker = .header
      header.kind = key == "trimtab_record" ? .record : .log
      header.version = found
    }
    return true
  }

  private func isHeader(_ key: JSONKey) -> Bool { key == "trimtab_log" || key == "trimtab_record" }

  private mutating func headerField(_ scanner: inout JSONScanner, _ key: JSONKey) -> Bool {
    if key == "continued" {
      header.isContinued = true
    } else if key == "entries" {
      var count = 0
      defer { header.entryCount = count }
      return scanner.objectOrOther { scanner, _ in
        count += 1
        return scanner.skip()
      }
    }
    return scanner.skip()
  }

  private mutating func stepField(_ scanner: inout JSONScanner, _ key: JSONKey) -> Bool {
    if key == "loss" { return scanner.number(&step.loss) }
    if key == "learning_rate" { return scanner.number(&step.learningRate) }
    if key == "gradient_norm" { return scanner.number(&step.gradientNorm) }
    if key == "action" { return word(&scanner, &step.action) }
    if key == "verdict" { return word(&scanner, &step.verdict) }
    if key == "validation_loss" { return scanner.number(&step.validationLoss) }
    if key == "loss_scale" { return scanner.number(&step.lossScale) }
    if key == "clip_factor" { return scanner.number(&step.clipFactor) }
    if key == "rule" { return scanner.text(&step.rule) }
    if key == "name" { return scanner.text(&step.name) }
    if key == "seen", wanted != nil { return seenField(&scanner) }
    return scanner.skip()
  }

  private func word(_ scanner: inout JSONScanner, _ word: inout String) -> Bool {
    var found: String?
    guard scanner.text(&found) else { return false }
    if let found { word = found }
    return true
  }

  private func count(_ scanner: inout JSONScanner, _ count: inout Int) -> Bool {
    var found: Int?
    guard scanner.integer(&found) else { return false }
    if let found { count = found }
    return true
  }

  private func number(_ scanner: inout JSONScanner, _ number: inout Double) -> Bool {
    var found: Double?
    guard scanner.number(&found) else { return false }
    if let found { number = found }
    return true
  }

  private mutating func seenField(_ scanner: inout JSONScanner) -> Bool {
    var gathered: [SeenEntry] = []
    defer { seen = gathered }
    return scanner.objectOrOther { scanner, key in
      let name = key.string
      guard wanted?.contains(name) == true else { return scanner.skip() }
      var entry = SeenEntry(name: name)
      defer { gathered.append(entry) }
      return scanner.objectOrOther { scanner, key in
        if key == "gradient_rms" { return scanner.number(&entry.gradientRMS) }
        if key == "weight_rms" { return scanner.number(&entry.weightRMS) }
        if key == "rms" { return scanner.number(&entry.rms) }
        if key == "greatest_magnitude" { return scanner.number(&entry.greatestMagnitude) }
        if key == "nonfinite_count" { return count(&scanner, &entry.nonfiniteCount) }
        return scanner.skip()
      }
    }
  }

  private mutating func findingField(_ scanner: inout JSONScanner, _ key: JSONKey) -> Bool {
    if key == "rule" { return word(&scanner, &finding.rule) }
    if key == "verdict" { return word(&scanner, &finding.verdict) }
    if key == "cause" { return word(&scanner, &finding.cause) }
    if key == "name" { return word(&scanner, &finding.name) }
    if key == "quantity" { return scanner.text(&finding.quantity) }
    if key == "first_step" { return count(&scanner, &finding.firstStep) }
    if key == "last_step" { return count(&scanner, &finding.lastStep) }
    if key == "count" { return count(&scanner, &finding.count) }
    if key == "index" { return count(&scanner, &finding.index) }
    if key == "value" { return number(&scanner, &finding.value) }
    if key == "threshold" { return number(&scanner, &finding.threshold) }
    if key == "confidence" { return number(&scanner, &finding.confidence) }
    if key == "is_standing" {
      var found: Int?
      guard scanner.integer(&found) else { return false }
      finding.isStanding = found.map { $0 != 0 }
      return true
    }
    guard key == "before" else { return scanner.skip() }
    var before: [Double] = []
    defer { finding.before = before }
    return scanner.listOrOther { scanner in
      var found: Double?
      guard scanner.number(&found) else { return false }
      if let found, before.count < 16 { before.append(found) }
      return true
    }
  }

  private mutating func closingField(_ scanner: inout JSONScanner, _ key: JSONKey) -> Bool {
    if key == "step_count" { return count(&scanner, &closing.stepCount) }
    if key == "finding_count" { return count(&scanner, &closing.findingCount) }
    if key == "lost_count" { return count(&scanner, &closing.lostCount) }
    if key == "failure" { return count(&scanner, &closing.failure) }
    if key == "cost_fraction" { return number(&scanner, &closing.costFraction) }
    if key == "coverage" { return coverageField(&scanner) }
    guard key == "never_seen" else { return scanner.skip() }
    var names: [String] = []
    defer { closing.neverSeen = names }
    return scanner.listOrOther { scanner in
      var name: String?
      guard scanner.text(&name) else { return false }
      if let name, names.count < 16 { names.append(name) }
      return true
    }
  }

  private mutating func coverageField(_ scanner: inout JSONScanner) -> Bool {
    var gathered: [RunCoverage] = []
    defer { closing.coverage = gathered }
    return scanner.objectOrOther { scanner, key in
      var coverage = RunCoverage(quantity: key.string)
      defer { if gathered.count < 32 { gathered.append(coverage) } }
      return scanner.objectOrOther { scanner, key in
        if key == "entry_count" { return count(&scanner, &coverage.entryCount) }
        if key == "look_count" { return count(&scanner, &coverage.lookCount) }
        if key == "left_out_count" { return count(&scanner, &coverage.leftOutCount) }
        if key == "interval" { return count(&scanner, &coverage.interval) }
        return scanner.skip()
      }
    }
  }
}
