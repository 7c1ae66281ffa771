import Trimtab
import TrimtabFormats

/// Opens files, tells what their tensors are, and runs what applies to each.
final class Examiner {
  let settings: Settings
  let progress: Progress
  var examination = Examination()
  /// The audits of pre-activation files whose name says `before`, until the later file asks for them.
  var earlierAudits: [String: Activity] = [:]
  /// Per folder: the tensors whose gradient is exactly zero at the last step, and the step from which on.
  var silencedGradients: [String: [SilencedGradient]] = [:]
  /// What would make gradient descent on samples quick, by where they stand.
  var advice: [(location: String, found: ConditioningAdvice)] = []
  /// The earlier audit that the caller named, and its layers.
  private(set) var toldBefore: (path: String, layers: [String])?
  /// Earlier audits that were found beside a file.
  private var siblings: [String: String] = [:]

  init(settings: Settings, progress: Progress = Progress()) {
    self.settings = settings
    self.progress = progress
  }

  /// - Throws: where a name that the user gave a kind to was not met.
  func check(_ paths: [String]) throws {
    let walk = FileWalk(paths, takesRuns: true, loss: settings.logLoss)
    examination.notChecked += walk.notChecked
    let logs = walk.files.filter { isLog($0) }
    examineLogs(logs, named: paths)
    let runs = walk.files.filter { !logs.contains($0) && RunFile.isOne($0) }
    examineRuns(runs, named: paths)
    examination.notChecked += notLogs(walk.files.filter { !logs.contains($0) && !runs.contains($0) })
    let opened = walk.files.filter { !runs.contains($0) && !logs.contains($0) }.compactMap { open($0) }
    try settings.recogniser.overrides.checkNames(
      opened.flatMap { file in file.tensors.map { (file.file.path, $0.0.name) } }
        + examination.notChecked.filter(\.isUnreadable).map { ($0.file, $0.tensor) })
    auditSiblings(opened)
    for file in EarlierAudit.ordered(opened) { examine(file) }
    examineNumberedFiles(opened)
    addEvidenceAcrossFiles()
    restoreOrder(walk.files)
    progress.finish()
  }

  /// A training log, unless the user says that it holds tensors.
  private func isLog(_ path: String) -> Bool {
    settings.recogniser.overrides.kind(path: path, key: "") == nil
      && TrainingLog.recognise(path: path, loss: settings.logLoss)
  }

  /// Tables without the column that the user named as a log's loss.
  private func notLogs(_ paths: [String]) -> [NotChecked] {
    guard let loss = settings.logLoss else { return [] }
    return paths.filter { [.csv, .csvGzip].contains(TensorFile.format(ofName: $0)) }.map {
      NotChecked(
        file: $0, tensor: "", check: "", reason: "--loss: found no column '\(loss)': not read as a training log",
        isUnreadable: true)
    }
  }

  /// As `check`, with the kind of every tensor decided by the caller.
  func examineAll(_ paths: [String], as kind: @escaping (TensorSource, Recognition) -> Recognition) {
    for file in openAll(paths, as: kind) { examine(file) }
    progress.finish()
  }

  /// Keeps what the layers of one file were like, for the comparison with later files.
  func audit(_ before: String, for paths: [String], isTold: Bool = false) {
    guard let file = open(before) else { return }
    if isTold { toldBefore = (before, file.tensors.map(\.0.name).filter { !$0.isEmpty }) }
    for (source, _) in file.tensors {
      attempt(source, .neurons) {
        let activity = try streamedActivity(source)
        for path in FileWalk(paths).files { earlierAudits[EarlierAudit.key(path, source.name)] = activity }
      }
    }
  }

  /// Earlier audits that lie beside the files, and were not named themselves.
  private func auditSiblings(_ opened: [OpenedFile]) {
    let named = Set(opened.map(\.file.path))
    for file in opened where file.tensors.contains(where: { $0.1.kind == .preactivations }) {
      guard let sibling = EarlierAudit.sibling(of: file.file.path), !named.contains(sibling) else { continue }
      audit(sibling, for: [file.file.path])
      siblings[file.file.path] = sibling
    }
  }

  private func openAll(
    _ paths: [String], as kind: ((TensorSource, Recognition) -> Recognition)? = nil
  ) -> [OpenedFile] {
    let walk = FileWalk(paths)
    examination.notChecked += walk.notChecked
    return walk.files.compactMap { open($0, as: kind) }
  }

  /// The files' records in the order in which the files were found.
  private func restoreOrder(_ paths: [String]) {
    let places = Dictionary(paths.enumerated().map { ($1, $0) }) { first, _ in first }
    examination.files.sort { places[$0.path, default: 0] < places[$1.path, default: 0] }
  }

  /// Opens and recognises; nil, and an entry, for what cannot be read.
  func open(_ path: String, as kind: ((TensorSource, Recognition) -> Recognition)? = nil) -> OpenedFile? {
    do throws(FormatError) {
      let file = try TensorFile(path: path, csv: settings.csv)
      examination.notChecked += file.refused.map {
        NotChecked(file: path, tensor: $0.tensor, check: "", reason: $0.message, isUnreadable: true)
      }
      return OpenedFile(file, settings.recogniser, kind)
    } catch {
      examination.notChecked.append(
        NotChecked(
          file: path, tensor: error.tensor, check: "", reason: error.message + noLogReason(path), isUnreadable: true))
      return nil
    }
  }

  /// Why text of no known ending is no training log either.
  private func noLogReason(_ path: String) -> String {
    guard TensorFile.format(ofName: path) == nil else { return "" }
    do throws(FormatError) { _ = try TrainingLog(path: path, loss: settings.logLoss) } catch {
      return error.message.hasPrefix("found no loss") || error.message.hasPrefix("the loss") ? "; \(error.message)" : ""
    }
    return ""
  }

  func examine(_ opened: OpenedFile) {
    var record = opened.record
    if let sibling = siblings[opened.file.path] { record.notes.append("held against the earlier audit in \(sibling)") }
    examination.files.append(record)
    for (source, recognition) in opened.tensors {
      progress.update(source.location)
      switch recognition.kind {
      case .weights: attempt(source, .condition, flagsOf: "matrix") { try examineWeights(source) }
      case .samples: attempt(source, .condition) { try examineSamples(source) }
      case .preactivations: attempt(source, .neurons) { try examinePreactivations(source) }
      case .structure: attempt(source, .condition) { try examineStructure(source, recognition) }
      case .gradients, .predictions, .labels, .ids: continue  // with their series
      case .other: attempt(source, .finiteness) { _ = try summarise(source) }
      }
    }
    for steps in GradientSteps.group(opened) { examineGradients(steps, file: opened.file.path) }
    examineDrift(of: opened)
    noteVectors(opened)
  }

  /// Turns what `body` throws into an entry under what was not checked.
  ///
  /// - Parameter prefix: what stands before the flags of options that another diagnostic has too.
  func attempt(_ source: TensorSource, _ diagnosis: Diagnosis, flagsOf prefix: String = "", _ body: () throws -> Void) {
    do { try body() } catch let error as FormatError {
      skip(source, diagnosis, error.message, isUnreadable: !error.isAboutMemory)
    } catch let error as TrimtabError {
      skip(source, diagnosis, flagged(error.message, prefix))
    } catch let error as ProbeError {
      skip(source, diagnosis, error.message)
    } catch {
      skip(source, diagnosis, "\(error)")
    }
  }

  /// The engine blames an option, the user gave a flag.
  private func flagged(_ message: String, _ prefix: String) -> String {
    let mark = "options."
    guard message.hasPrefix(mark), let end = message.firstIndex(of: ":") else { return message }
    let option = message[..<end].dropFirst(mark.count)
    let isShared = ["norm", "method", "critical_condition_number"].contains(option)
    return (prefix.isEmpty || !isShared ? "--" : "--\(prefix)-") + option.map { $0 == "_" ? "-" : String($0) }.joined()
      + message[end...]
  }

  func skip(_ source: TensorSource, _ diagnosis: Diagnosis?, _ reason: String, isUnreadable: Bool = false) {
    examination.notChecked.append(
      NotChecked(
        file: source.path, tensor: source.name, check: diagnosis?.rawValue ?? "", reason: reason,
        isUnreadable: isUnreadable))
  }

  func add(_ reading: Reading) { examination.readings.append(reading) }
  func add(_ finding: Finding) { examination.findings.append(finding) }

  /// Vectors have no condition number: one entry for all of a file.
  private func noteVectors(_ opened: OpenedFile) {
    let vectors = opened.tensors.filter { $0.1.kind == .weights && $0.0.shape.count < 2 }.count
    let others = opened.tensors.filter { $0.1.kind == .other }
    if vectors > 0 {
      examination.notChecked.append(
        NotChecked(
          file: opened.file.path, tensor: "", check: Diagnosis.condition.rawValue,
          reason: "\(counted(vectors, "tensor")) with fewer than two axes: looked through for NaN and Inf only"))
    }
    for (source, recognition) in others {
      skip(source, nil, "\(recognition.reason): looked through for NaN and Inf only (--as tells what it is)")
    }
  }

  /// Notes a choice that was made for a file, once.
  func note(_ path: String, _ text: String) {
    guard let file = examination.files.lastIndex(where: { $0.path == path }),
      !examination.files[file].notes.contains(text)
    else { return }
    examination.files[file].notes.append(text)
  }

  /// Corrects what a tensor was taken for, once its values were seen.
  func take(_ source: TensorSource, for recognition: Recognition) {
    guard let file = examination.files.lastIndex(where: { $0.path == source.path }),
      let index = examination.files[file].tensors.firstIndex(where: { $0.name == source.name })
    else { return }
    examination.files[file].tensors[index].recognition = recognition
  }

  /// Fills a tensor's record in with its summary, and with the rows where only reading could count them.
  func record(_ source: TensorSource, _ summary: Summary) {
    guard let file = examination.files.lastIndex(where: { $0.path == source.path }),
      let index = examination.files[file].tensors.firstIndex(where: { $0.name == source.name })
    else { return }
    examination.files[file].tensors[index].summary = reportFields(summary)
    guard !source.rowsAreCounted, let columns = source.shape.last, columns > 0 else { return }
    noteRows(source, summary.count / columns)
  }

  /// Fills in the rows of a table that was read to its end.
  func noteRows(_ source: TensorSource, _ count: Int) {
    for file in examination.files.indices where examination.files[file].path == source.path {
      for index in examination.files[file].tensors.indices
      where examination.files[file].tensors[index].name == source.name {
        examination.files[file].tensors[index].shape[0] = count
        examination.files[file].tensors[index].rows = .counted
      }
    }
  }
}

/// A file with what its tensors were taken for.
struct OpenedFile {
  let file: TensorFile
  let tensors: [(TensorSource, Recognition)]

  init(_ file: TensorFile, _ recogniser: Recogniser, _ kind: ((TensorSource, Recognition) -> Recognition)?) {
    self.file = file
    tensors = file.tensors.map { source in
      let traits = TensorTraits(
        path: source.path, key: source.name, shape: source.shape, rowsAreCounted: source.rowsAreCounted,
        isFloatingPoint: source.elementType.isFloatingPoint)
      let found = recogniser.recognise(traits)
      return (source, kind?(source, found) ?? found)
    }
  }

  var record: FileRecord {
    FileRecord(
      path: file.path, format: file.format.rawValue, byteCount: file.byteCount,
      tensors: tensors.map { source, recognition in
        TensorRecord(
          name: source.name, elementType: source.elementType, shape: source.shape, recognition: recognition,
          rows: source.rowsAreCounted ? .stated : .uncounted)
      },
      notes: file.notes + file.tensors.flatMap(\.notes))
  }
}
