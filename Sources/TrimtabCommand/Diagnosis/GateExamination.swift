import Trimtab
import TrimtabFormats

/// Probabilities that came at once: an array, or one entry of the first axis of three.
struct GateBatch {
  let source: TensorSource
  var entry: Int?

  /// As it is shown.
  var name: String { entry.map { source.name.isEmpty ? "[\($0)]" : "\(source.name)[\($0)]" } ?? source.name }
}

extension Examiner {
  /// The batches in files, in order.
  func gateBatches(_ paths: [String]) -> [GateBatch] {
    paths.flatMap { path -> [GateBatch] in
      if Self.parts(of: path).key != nil { return split(tensor(path, for: .gate, as: "probabilities")) }
      guard let opened = open(path, as: { _, _ in Recognition(kind: .other, reason: "not probabilities") }) else {
        return []
      }
      examination.files.append(opened.record)
      let found = opened.tensors.map(\.0).filter { $0.elementType.isFloatingPoint && (2...3).contains($0.shape.count) }
      for source in found {
        take(source, for: Recognition(kind: .predictions, reason: "told by the subcommand", role: "probabilities"))
      }
      if found.isEmpty {
        examination.notChecked.append(
          NotChecked(
            file: path, tensor: "", check: Diagnosis.gate.rawValue,
            reason: "found no probabilities, allowed floating point [samples, classes] or [batches, samples, classes]",
            isUnreadable: true))
      }
      let numbers = found.compactMap { SeriesName(key: $0.name)?.index }
      let ordered = numbers.count == found.count ? zip(numbers, found).sorted { $0.0 < $1.0 }.map(\.1) : found
      return ordered.flatMap { split($0) }
    }
  }

  private func split(_ source: TensorSource?) -> [GateBatch] {
    guard let source else { return [] }
    guard source.shape.count == 3 else { return [GateBatch(source: source)] }
    return (0..<source.shape[0]).map { GateBatch(source: source, entry: $0) }
  }

  /// Shows a gate all batches in order.
  func examineGate(_ batches: [GateBatch], ids: [String], _ options: GateOptions) -> [GatedBatch] {
    guard let first = batches.first?.source else { return [] }
    let numbers = ids.map { tensor($0, for: .gate, as: "sample numbers") }
    guard !numbers.contains(where: { $0 == nil }) else { return [] }
    var gated: [(GateBatch, GatedBatch)] = []
    attempt(first, .gate) {
      var options = options
      options.classCount = first.shape.last ?? 0
      if options.method == .flexMatch, options.sampleCount == 0 {
        for batch in batches { options.sampleCount = max(options.sampleCount, try rowCount(batch)) }
        for names in numbers.compactMap({ $0 }) {
          let greatest = try withView(names) { try $0.numbers().max() } ?? 0
          options.sampleCount = max(options.sampleCount, Int(exactly: greatest.rounded(.down)).map { $0 &+ 1 } ?? 0)
        }
      }
      let gate = try PseudoLabelGate(options: options)
      for (index, batch) in batches.enumerated() {
        progress.update(batch.source.location, done: index, total: batches.count)
        let names = numbers.isEmpty ? nil : numbers[numbers.count == 1 ? 0 : index]
        do { gated.append((batch, try apply(gate, to: batch, names))) } catch let error as TrimtabError {
          // What comes after it would be held against thresholds that lack this batch.
          return skip(batch.source, .gate, error.message, isUnreadable: true)
        }
      }
    }
    progress.finish()
    judgeGate(gated)
    return gated.map(\.1)
  }

  private func rowCount(_ batch: GateBatch) throws -> Int {
    if batch.entry != nil { return batch.source.shape[1] }
    if batch.source.rowsAreCounted { return batch.source.shape.first ?? 0 }
    return try withView(batch.source) { $0.shape[0] }
  }

  private func apply(_ gate: PseudoLabelGate, to batch: GateBatch, _ names: TensorSource?) throws -> GatedBatch {
    var thresholds = [Double](repeating: .nan, count: gate.options.classCount)
    let report = try withView(batch.source) { view in
      let part = try batch.entry.map { try view.part($0) } ?? view
      return try thresholds.withUnsafeMutableBufferPointer { held in
        guard let names else { return try gate.apply(part, thresholds: held.baseAddress) }
        return try withView(names) {
          try gate.apply(part, ids: $0, thresholds: held.baseAddress)
        }
      }
    }
    return GatedBatch(report: report, thresholds: thresholds)
  }

  private func judgeGate(_ gated: [(batch: GateBatch, found: GatedBatch)]) {
    for (batch, found) in gated {
      add(
        Reading(
          diagnosis: .gate, file: batch.source.path, tensor: batch.name, verdict: found.report.verdict,
          headline: found.words, reportKind: "gate", report: found.fields))
      if found.report.outcome != .ok { skip(batch.source, .gate, found.report.outcome.words) }
    }
    let empty = gated.indices.filter { gated[$0].found.report.verdict >= .notice }
    guard let index = empty.first else { return }
    let (batch, found) = gated[index]
    let place =
      gated.count == 1
      ? "" : " in \(empty.count) of \(gated.count) batches\(index > 0 ? ", the first is number \(index)" : "")"
    add(
      Finding(
        .gate, verdict: found.report.verdict, cause: found.report.cause, file: batch.source.path, tensor: batch.name,
        what: "no sample passes\(place): \(found.asked)", measurement: ("coverage", found.report.coverage),
        threshold: 0))
  }
}
