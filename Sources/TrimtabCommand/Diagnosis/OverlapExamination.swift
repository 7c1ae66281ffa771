import Trimtab
import TrimtabFormats

extension Examiner {
  /// Two files of samples against each other, at each resolution.
  func examineOverlap(_ real: String, _ fake: String, resolutions: [Int], shape: [Int]?) {
    let told = { (_: TensorSource, _: Recognition) in Recognition(kind: .samples, reason: "told by the subcommand") }
    guard let first = open(real, as: told), let second = open(fake, as: told) else { return }
    examination.files += [first.record, second.record]
    guard let a = first.tensors.first?.0, let b = second.tensors.first?.0, first.tensors.count == 1,
      second.tensors.count == 1
    else {
      examination.notChecked.append(
        NotChecked(
          file: fake, tensor: "", check: Diagnosis.overlap.rawValue,
          reason: "found \(first.tensors.count) and \(second.tensors.count) arrays, allowed one in each file",
          isUnreadable: true))
      return
    }
    attempt(b, .overlap) {
      var reports: [OverlapReport] = []
      try withView(a) { x in
        try withView(b) { y in
          for resolution in resolutions.sorted() {
            var options = settings.overlap
            options.resolution = resolution
            progress.update("overlap at \(resolution)")
            reports.append(
              try overlap(real: try x.samples(of: shape), fake: try y.samples(of: shape), options: options))
          }
        }
      }
      for report in reports { judge(report, b) }
    }
    progress.finish()
  }

  private func judge(_ report: OverlapReport, _ source: TensorSource) {
    let place = report.resolution > 0 ? "at resolution \(report.resolution)" : "as they are"
    let headline =
      report.outcome == .ok
      ? "overlap \(figure(report.overlap)) \(place): accuracy \(figure(report.accuracy)) (z \(figure(report.z))), "
        + "sliced Wasserstein \(figure(report.slicedWasserstein)), energy \(figure(report.energyDistance)), "
        + "MMD² \(figure(report.maximumMeanDiscrepancy))"
      : report.outcome.words
    add(
      Reading(
        diagnosis: .overlap, file: source.path, tensor: source.name, verdict: report.verdict, headline: headline,
        reportKind: "overlap", report: reportFields(report)))
    if report.outcome != .ok {
      skip(source, .overlap, "\(report.outcome.words) (\(counted(report.testCount, "sample")) to test)")
    }
    guard report.verdict >= .notice else { return }
    var finding = Finding(
      .overlap, verdict: report.verdict, cause: report.cause, file: source.path, tensor: source.name,
      what:
        "\(place) a classifier tells \(percent(report.accuracy)) of \(report.testCount) held-out samples apart: they "
        + "overlap by \(figure(report.overlap))",
      measurement: (report.measurement == report.overlap ? "overlap" : "accuracy", report.measurement),
      threshold: report.threshold)
    finding.evidence.append("z is \(figure(report.z)); alike distributions stay within 3")
    add(finding)
  }
}

extension TensorView {
  /// The same memory with samples of a shape.
  fileprivate func samples(of shape: [Int]?) throws(TrimtabError) -> TensorView {
    guard let shape else { return self }
    let count = self.shape[0]
    guard rank >= 1, isCompact, shape.count <= 3, shape.reduce(1, *) * count == self.count else {
      throw TrimtabError(
        .shape, "--shape: found % numbers a sample, allowed those of the file's arrays, %", shape.reduce(1, *),
        count > 0 ? self.count / count : 0)
    }
    return try TensorView(base, elementType, shape: [count] + shape)
  }
}
