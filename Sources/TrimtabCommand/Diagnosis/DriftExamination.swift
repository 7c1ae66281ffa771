import ArgumentParser
import Trimtab
import TrimtabFormats

/// Predictions of the same samples, round after round.
struct PredictionSeries {
  struct Round {
    let index: Int
    let source: TensorSource
  }

  /// Where it is reported: a file, and a key prefix or nothing.
  let file: String
  var rounds: [Round]
  let ids: TensorSource?
}

extension Examiner {
  /// The series of a file's numbered keys. A single round waits for numbered files beside it.
  func examineDrift(of opened: OpenedFile) {
    for (source, recognition) in opened.tensors where recognition.kind == .predictions && source.shape.count > 2 {
      attempt(source, .drift) { try examineStackedRounds(source) }
    }
    let predictions = flatPredictions(opened)
    let ids = opened.tensors.first { $0.1.kind == .ids }?.0
    let rounds = predictions.compactMap { source in
      SeriesName(key: source.name).map { PredictionSeries.Round(index: $0.index, source: source) }
    }.sorted { $0.index < $1.index }
    if rounds.count >= 2 {
      examineDrift(PredictionSeries(file: opened.file.path, rounds: rounds, ids: ids))
    } else if !predictions.isEmpty && numberedName(opened.file.path) == nil {
      lookOnly(predictions, "one round: drift needs two of the same samples (keys round_0, round_1, …)")
    }
  }

  /// Labels, and predictions that are a single round.
  private func flatPredictions(_ opened: OpenedFile) -> [TensorSource] {
    opened.tensors.filter { $1.kind == .labels || $1.kind == .predictions && $0.shape.count <= 2 }.map(\.0)
  }

  /// Series over files such as `predictions_00.npy`, `predictions_01.npy` in one folder.
  func examineNumberedFiles(_ files: [OpenedFile]) {
    var series: [String: [PredictionSeries.Round]] = [:]
    var order: [String] = []
    for opened in files {
      guard let (name, index) = numberedName(opened.file.path) else { continue }
      let found = flatPredictions(opened)
      guard found.count == 1, let source = found.first else { continue }
      if series[name] == nil { order.append(name) }
      series[name, default: []].append(PredictionSeries.Round(index: index, source: source))
    }
    for name in order {
      let rounds = (series[name] ?? []).sorted { $0.index < $1.index }
      if rounds.count >= 2, let last = rounds.last {
        examineDrift(PredictionSeries(file: last.source.path, rounds: rounds, ids: nil))
      } else {
        lookOnly(rounds.map(\.source), "one round: drift needs two of the same samples")
      }
    }
  }

  /// Rounds as the `drift` subcommand takes them: numbered keys of one file, or a file a round in the order of the
  /// arguments.
  func examineRounds(_ paths: [String]) {
    var single: [PredictionSeries.Round] = []
    for path in paths {
      guard let opened = open(path, as: predictionKind) else { continue }
      let predictions = flatPredictions(opened)
      if predictions.count == 1, let source = predictions.first, paths.count > 1 {
        examination.files.append(opened.record)
        single.append(PredictionSeries.Round(index: single.count, source: source))
      } else {
        examine(opened)
      }
    }
    if single.count >= 2, let last = single.last {
      examineDrift(PredictionSeries(file: last.source.path, rounds: single, ids: nil))
    } else {
      lookOnly(single.map(\.source), "one round: drift needs two of the same samples")
    }
    progress.finish()
  }

  private func predictionKind(_ source: TensorSource, _ found: Recognition) -> Recognition {
    switch found.kind {
    case .predictions, .labels, .ids: found
    default: Recognition(kind: .predictions, reason: "told by the subcommand")
    }
  }

  /// Looks single predictions through for NaN and Inf, and says why no more was done.
  private func lookOnly(_ sources: [TensorSource], _ reason: String) {
    for source in sources {
      attempt(source, .finiteness) { _ = try summarise(source) }
      skip(source, .drift, reason)
    }
  }

  /// The stem without its number, and the number, of `predictions_03.npy`; nil for other names.
  private func numberedName(_ path: String) -> (String, Int)? {
    let file = FileName(path)
    let digits = file.stem.reversed().prefix { $0.isASCII && $0.isNumber }.reversed()
    guard let index = Int(String(digits)), digits.count < file.stem.count || file.parent != "" else { return nil }
    return ("\(file.directory)\n\(file.stem.dropLast(digits.count))\n\(file.name.dropFirst(file.stem.count))", index)
  }

  func examineDrift(_ series: PredictionSeries) {
    guard let first = series.rounds.first?.source else { return }
    attempt(first, .drift) {
      try checkPrior(series)
      let drift = try LabelDrift(options: settings.drift)
      for round in series.rounds {
        progress.update(round.source.location)
        try addRound(round, series.ids, to: drift)
      }
      var reports: [DriftReport] = []
      for index in 1..<series.rounds.count { reports.append(try drift.report(round: index)) }
      if series.ids == nil { notePairing(series, reports) }
      judgeDrift(series, reports)
    }
  }

  /// Rows without names are paired by their place: those beyond the shorter round have no partner.
  private func notePairing(_ series: PredictionSeries, _ reports: [DriftReport]) {
    guard let worst = reports.max(by: { $0.unmatchedCount < $1.unmatchedCount }), worst.unmatchedCount > 0 else {
      return
    }
    note(
      series.file,
      "rounds of different length without ids: rows were paired by their index, and \(counted(worst.unmatchedCount, "row")) "
        + "of round \(worst.round) or the round before \(worst.unmatchedCount == 1 ? "was" : "were") left over")
  }

  /// The flag is to blame for shares that do not fit the classes, not the predictions.
  func checkPrior(_ series: PredictionSeries) throws {
    guard let prior = settings.drift.classPrior else { return }
    for round in series.rounds where round.source.shape.count >= 2 {
      guard let classes = round.source.shape.last, classes != prior.count else { continue }
      throw ValidationError(
        "--class-prior: found \(counted(prior.count, "share")), allowed as many as \(round.source.location) has classes, "
          + "\(classes)")
    }
  }

  private func addRound(_ round: PredictionSeries.Round, _ ids: TensorSource?, to drift: LabelDrift) throws {
    let source = round.source
    var summary = Summary.identity
    var row = 0
    func add(_ block: TensorView, _ names: TensorView?) throws {
      try summary.merge(summarize(block))
      let part = try names.map { try $0.rows(from: row, count: block.shape[0]) }
      try drift.add(round: round.index, ids: part, predictions: block)
      row += block.shape[0]
    }
    guard source.shape.count <= 2, !source.shape.isEmpty else {
      throw TrimtabError(.shape, "found rank %, allowed 1 (labels) or 2 (probabilities)", source.shape.count)
    }
    if let ids {
      guard ids.shape.first == source.shape.first else {
        throw TrimtabError(.mismatch, "found % rows for % ids, allowed as many", source.shape.first ?? 0, ids.count)
      }
      try ids.withView(memoryLimit: settings.memoryLimit(ids)) { names in
        try source.forEachRowBlock(memoryLimit: settings.memoryLimit(source)) { try add($0, names) }
      }
    } else {
      try source.forEachRowBlock(memoryLimit: settings.memoryLimit(source)) { try add($0, nil) }
    }
    judgeFiniteness(source, summary, kind: .predictions)
    if let prior = settings.drift.classPrior, source.shape.count == 1, summary.maximum >= Double(prior.count) {
      throw ValidationError(
        "--class-prior: found \(counted(prior.count, "share")), allowed as many as there are classes: \(source.location) has "
          + "the label \(figure(summary.maximum))")
    }
  }

  func judgeDrift(_ series: PredictionSeries, _ reports: [DriftReport]) {
    guard let last = reports.last else { return }
    let verdict = reports.map(\.verdict).max() ?? .unknown
    var headline = "\(series.rounds.count) rounds of \(last.sampleCount) samples, flip rate "
    headline += "\(figure(reports.first?.flipRate ?? 0)) to \(figure(last.flipRate))"
    headline += ", oscillating share \(figure(last.oscillationShare))"
    add(
      Reading(
        diagnosis: .drift, file: series.file, tensor: "", verdict: verdict, headline: headline,
        reportKind: "drift_rounds",
        report: .object([
          "round_count": .integer(series.rounds.count), "latest": reportFields(last),
          "rounds": .array(reports.map { reportFields($0) }),
        ])))
    if last.outcome != .ok {
      examination.notChecked.append(
        NotChecked(
          file: series.file, tensor: "", check: Diagnosis.drift.rawValue,
          reason:
            "\(last.outcome.words) (\(last.sampleCount) samples in both of the last rounds, \(last.unmatchedCount) in one only)"
        ))
    }
    var causes: [Cause] = []
    for report in reports where report.verdict >= .notice && !causes.contains(report.cause) {
      causes.append(report.cause)
    }
    // Labels that swing are unstable too: the more precise finding stands for both.
    if causes.contains(.targetOscillation) { causes.removeAll { $0 == .unstableTargets } }
    for cause in causes { addDriftFinding(cause, series, reports) }
  }

  private func addDriftFinding(_ cause: Cause, _ series: PredictionSeries, _ reports: [DriftReport]) {
    let affected = reports.filter { $0.cause == cause && $0.verdict >= .notice }
    guard let first = affected.first, let last = affected.last, let worst = affected.map(\.verdict).max() else {
      return
    }
    let deciding = last.decidingField(settings.drift)
    let sentence: String
    switch cause {
    case .targetOscillation:
      sentence =
        "\(percent(last.flipRate)) of the labels change, and \(percent(last.oscillationShare)) of the changes go back"
    case .classCollapse where deciding.name == "greatest_class_share":
      sentence = "\(percent(last.greatestClassShare)) of the samples are in one of \(last.classCount) classes"
    case .classCollapse:
      let place =
        switch deciding.name {
        case "class_prior_distance": "the prior"
        case "class_shift": "those of the round before"
        default: "those of the first round"
        }
      sentence = "the shares of the predicted classes are \(percent(deciding.value)) away from \(place)"
    case .emptyGate: sentence = "no sample passes the confidence gate of \(figure(settings.drift.confidenceGate))"
    default: sentence = "\(percent(last.flipRate)) of the labels change"
    }
    let since = affected.count > 1 ? " (first seen in round \(first.round))" : ""
    var finding = Finding(
      .drift, verdict: worst, cause: cause, file: series.file, tensor: "",
      what: "in round \(last.round) \(sentence)\(since)",
      measurement: deciding,
      threshold: last.threshold)
    finding.firstIndex = first.round
    finding.evidence.append(
      "flip rate by round: " + reports.map { figure($0.flipRate) }.suffix(12).joined(separator: " "))
    if last.oscillationSampleCount > 0 {
      finding.evidence.append(
        "oscillating share \(figure(last.oscillationShare)); independent labels would give \(figure(last.oscillationNull))"
      )
    }
    add(finding)
  }
}

extension TensorView {
  /// Some rows of a vector.
  fileprivate func rows(from start: Int, count: Int) throws(TrimtabError) -> TensorView {
    var extents = Extents()
    extents[0] = count
    let base = base.map { $0 + start * strides[0] * elementType.byteCount }
    return try TensorView(base: base, elementType: elementType, rank: 1, shape: extents, strides: strides)
  }
}
