import Testing

@testable import Trimtab

/// Numbers of a fixed sequence, uniform in -1/2 to 1/2.
private struct Noise {
  var state: UInt64 = 42

  mutating func next() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) / 9_007_199_254_740_992 - 0.5
  }
}

@Suite struct LogDoctorTests {
  /// The findings in a loss that falls, with noise of deviation 0.029, and what `change` makes of its rows.
  private func findings(_ rows: Int, _ change: (inout LogRow) -> Void) throws -> [LogFinding] {
    let doctor = try LogDoctor()
    var noise = Noise()
    for row in 0..<rows {
      var made = LogRow(step: row, loss: 2 + 3 / (1 + 0.01 * Double(row)) + 0.1 * noise.next())
      change(&made)
      doctor.add(made)
    }
    doctor.finish()
    return (0..<doctor.findingCount).compactMap { doctor.finding(at: $0) }
  }

  @Test(arguments: [60, 300, 3_000, 100_000]) func aHealthyLossHasNoFinding(rows: Int) throws {
    #expect(try findings(rows) { _ in }.isEmpty)
  }

  @Test func levelsThatRise() throws {
    let jump = try findings(4000) { if $0.step >= 2500 { $0.loss = $0.loss! + 0.5 } }
    #expect(jump.count == 1 && jump[0].check == .jump && jump[0].cause == .levelShift && jump[0].isStanding)
    #expect((2495...2520).contains(jump[0].firstStep) && abs(jump[0].size - 0.5) < 0.05)
    let drift = try findings(4000) { if $0.step >= 2500 { $0.loss = $0.loss! + 0.001 * Double($0.step - 2500) } }
    #expect(drift.count == 1 && drift[0].check == .drift && (2450...2800).contains(drift[0].firstStep))
    #expect(abs(drift[0].size - 1.4) < 0.2 && drift[0].verdict == .warning)
    let lost = try findings(4000) {
      if $0.step >= 3500 { $0.loss = $0.loss! * exponential(0.005 * Double($0.step - 3500)) }
    }
    #expect(lost.first?.check == .divergence && lost.first?.verdict == .critical)
    let learnt = try findings(4000) {
      if $0.step >= 2000 { $0.loss = $0.loss! + 0.5 * exponential(-0.005 * Double($0.step - 2000)) }
    }
    #expect(learnt.first?.check == .jump && learnt.first?.verdict == .notice && learnt.first?.isStanding == false)
  }

  @Test func valuesThatLeap() throws {
    let one = try findings(2000) { if $0.step == 1500 { $0.loss = 9 } }
    #expect(one.count == 1 && one[0].check == .spike && one[0].verdict == .notice && one[0].firstStep == 1500)
    #expect(one[0].value == 9 && abs(one[0].baseline - 2.19) < 0.05)
    let often = try findings(2000) { if $0.step > 1000, $0.step % 40 == 0 { $0.loss = 9 } }
    #expect(often.first?.check == .spike && often.first?.verdict == .warning && (often.first?.count ?? 0) > 15)
  }

  @Test func stateThatIsLost() throws {
    // The moments: a bump after steps that went back.
    let doctor = try LogDoctor()
    var noise = Noise()
    for row in 0..<3000 {
      let bump = row < 2000 ? 0 : exponential(-0.005 * Double(row - 2000))
      let loss = 2 + 3 / (1 + 0.01 * Double(row)) + bump + 0.1 * noise.next()
      doctor.add(LogRow(step: row < 2000 ? row : row - 50, loss: loss))
    }
    let report = doctor.finish()
    #expect(report.cause == .optimizerStateLost && report.verdict == .warning)
    #expect(doctor.finding(at: 0)?.firstStep == 1950 && doctor.finding(at: 0)?.check == .resume)
    #expect((0..<doctor.findingCount).contains { doctor.finding(at: $0)?.check == .backwardSteps })
    // The weights, in a file that begins in mid-run, as a language model's would look.
    let file = try LogDoctor()
    file.add(LogRow(step: 75_001, loss: 2.2))
    for row in 1..<3000 {
      file.add(LogRow(step: 75_001 + row, loss: 2.3 + 8.7 / (1 + 0.02 * Double(row)) + 0.1 * noise.next()))
    }
    #expect(file.finish().cause == .weightsLostAtResume)
    #expect(file.finding(at: 0)?.firstStep == 75_002 && file.finding(at: 0)?.baseline == 2.2)
  }

  @Test func lossesThatAreWrittenForNaN() throws {
    let zeros = try findings(600) { if $0.step >= 400 { $0.loss = 0 } }
    #expect(
      zeros.first?.check == .hiddenNonfinite && zeros.first?.firstStep == 400 && zeros.first?.verdict == .critical)
    let same = try findings(600) { if $0.step >= 400 { $0.loss = 2.625 } }
    #expect(same.first?.check == .hiddenNonfinite && (400...401).contains(same.first?.firstStep ?? 0))
    var (sum, count) = (0.0, 0.0)
    let means = try findings(600) {
      if $0.step % 60 == 59 { $0.loss = sum / count }
      (sum, count) = (sum + $0.loss!, count + 1)
    }
    #expect(means.first?.check == .hiddenNonfinite && means.first?.count == 10 && means.first?.firstStep == 59)
    // No loss of zero has a gradient.
    let withGradients = try findings(600) {
      $0.gradientNorm = 0.3
      if $0.step >= 400 { $0.loss = 0 }
    }
    #expect(withGradients.first?.check == .hiddenNonfinite && (withGradients.first?.confidence ?? 1) < 0.8)
  }

  @Test func lossesThatComeToRest() throws {
    for rate in [8.0, 30, 60] {
      let doctor = try LogDoctor()
      for row in 0..<2000 {
        doctor.add(LogRow(step: row, loss: Double(Float(0.3 + 2 * exponential(-Double(row) / rate)))))
      }
      #expect(doctor.finish().verdict == .healthy)
    }
  }

  @Test func scalesThatCollapse() throws {
    let found = try findings(600) {
      $0.lossScale =
        $0.step < 400 ? 65536 : max(65536 / exponential(0.6931471805599453 * Double($0.step - 399)), 0x1p-10)
    }
    #expect(found.first?.check == .lossScale && found.first?.firstStep == 400 && found.first?.verdict == .critical)
    // As a scaler does that looks for the greatest scale.
    #expect(try findings(600) { $0.lossScale = $0.step % 200 == 199 ? 32768 : 65536 }.isEmpty)
  }

  @Test func gradientsOfAllKinds() throws {
    func kinds(_ norm: @escaping (Int, Double) -> Double) throws -> [LogCheck] {
      var noise = Noise(state: 9)
      return try findings(2000) { $0.gradientNorm = norm($0.step, 1 + 0.2 * noise.next()) }.map(\.check)
    }
    #expect(try kinds { _, usual in usual }.isEmpty)
    #expect(
      try kinds { step, usual in usual * exponential(step < 1000 ? 0 : 0.003 * Double(step - 1000)) } == [
        .gradientGrowth
      ])
    #expect(
      try kinds { step, usual in usual * exponential(step < 1000 ? 0 : -0.02 * Double(step - 1000)) } == [
        .gradientVanishing
      ])
    #expect(try kinds { step, usual in step % 50 == 0 ? min(usual, 0.5) : 0.5 } == [.gradientClipping])
    #expect(try kinds { step, usual in step == 1200 ? 50 : usual } == [.gradientSpike])
  }

  @Test func stepsInAnyOrder() throws {
    let gap = try findings(600) { if $0.step >= 300 { $0.step += 7 } }
    #expect(gap.map(\.check) == [.missingSteps] && gap[0].firstStep == 299 && gap[0].size == 7)
    #expect(try findings(600) { if $0.step >= 300 { $0.step = 300 + ($0.step - 300) * 9 } }.isEmpty)
    #expect(try findings(600) { $0.step = $0.step * 50 + 50 }.isEmpty)
    let back = try findings(600) { if $0.step >= 300 { $0.step -= 20 } }
    #expect(back.map(\.check) == [.backwardSteps] && back[0].value == 19 && back[0].firstStep == 280)
  }

  @Test func theWholeLogIsKeptInFewBlocks() throws {
    let blocks = try Storage<LogBlock>(count: LogCourse.capacity, for: "blocks")
    let memory = try Storage<Double>(count: LogCourse.memoryCount, for: "values")
    var course = LogCourse(blocks.pointer, memory.pointer)
    for row in 0..<100_000 { course.add(Double(row), at: row) }
    #expect(course.rowsPerBlock == 128 && course.blockCount == 781 && course.rowCount == 100_000)
    // Medians of five lie two rows behind; the first block's are medians of what there is.
    #expect(abs((course[700]?.mean ?? 0) - (700.0 * 128 + 63.5 - 2)) < 1e-6)
    #expect(course[700]?.firstStep == 700 * 128 && course[700]?.lastStep == 701 * 128 - 1 && course[781] == nil)
    #expect(abs((course.level(at: 50_000) ?? 0) - 50_000) < 128)
  }
}
