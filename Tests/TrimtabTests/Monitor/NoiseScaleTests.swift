import Testing

@testable import Trimtab

@Suite struct NoiseScales {
  /// Squared norms of gradients G + noise / sqrt(batch) with |G|² = 1 and tr S = `scale`, in 2000 dimensions.
  private func norms(_ scale: Double, _ batch: Double, _ numbers: inout SeededNumbers) -> Double {
    let dimensions = 2000
    let mean = 1 / Double(dimensions).squareRoot()
    let deviation = (scale / Double(dimensions) / batch).squareRoot()
    var total = 0.0
    for _ in 0..<dimensions {
      let value = mean + deviation * numbers.normal()
      total += value * value
    }
    return total
  }

  // Oracle: true noise scales 10, 1000 and 100 are found again.
  @Test(arguments: [(10.0, 4.0, 64.0), (1000, 64, 1024), (100, 16, 256)])
  func findsTheTrueScale(scale: Double, small: Double, big: Double) {
    var numbers = SeededNumbers(UInt64(scale))
    var noise = NoiseScale()
    #expect(noise.value.isNaN && noise.signalToNoise(batch: big).isNaN)
    for _ in 0..<300 {
      noise.add(
        smallBatch: small, smallSquare: norms(scale, small, &numbers), bigBatch: big,
        bigSquare: norms(scale, big, &numbers))
    }
    // Two norms of 2000 squares each vary by 3 %; a hundred steps are averaged.
    #expect(abs(noise.value - scale) < 0.05 * scale, "found \(noise.value)")
    #expect(abs(noise.signalToNoise(batch: big) - big / scale) < 0.06 * big / scale)
  }

  @Test(arguments: [10.0, 1000, 100])
  func isExactWithoutScatter(scale: Double) {
    var noise = NoiseScale()
    for _ in 0..<10 { noise.add(smallBatch: 8, smallSquare: 1 + scale / 8, bigBatch: 64, bigSquare: 1 + scale / 64) }
    #expect(abs(noise.value - scale) < 1e-10 * scale)
  }

  @Test func averagesBeforeItDivides() {
    // Of every other step the estimate of |G|² alone is negative.
    var noise = NoiseScale()
    for number in 0..<2000 {
      let swing = number % 2 == 0 ? 1.5 : -1.5
      noise.add(smallBatch: 8, smallSquare: 1 + 50.0 / 8, bigBatch: 64, bigSquare: 1 + 50.0 / 64 + swing)
    }
    #expect(abs(noise.value - 50) < 2)
  }

  @Test func hopelessEstimatesAreInfinite() {
    var noise = NoiseScale()
    noise.add(smallBatch: 1, smallSquare: 100, bigBatch: 2, bigSquare: 10)
    #expect(noise.value == .infinity)
    var silent = NoiseScale()
    silent.add(smallBatch: 1, smallSquare: 1, bigBatch: 2, bigSquare: 1)
    #expect(silent.value == 0 && silent.signalToNoise(batch: 2) == .infinity)
    silent.add(smallBatch: 1, smallSquare: .infinity, bigBatch: 2, bigSquare: 1)
    #expect(silent.count == 1)
  }

  @Test func aBatchFarTooSmallIsANotice() throws {
    for (scale, isFound) in [(64.0 * 150, true), (64.0 * 60, false)] {
      let run = try MonitorRun()
      for _ in 0..<150 {
        try run.step {
          try run.monitor.observeNoise(
            smallBatch: 8, smallSquare: 1 + scale / 8, bigBatch: 64, bigSquare: 1 + scale / 64)
        }
      }
      #expect(run.findings.map(\.rule) == (isFound ? [.noiseScale] : []))
      if isFound {
        #expect(abs(run.first.value - 150) < 1e-6 && run.first.cause == .noiseDominated)
        #expect(run.first.firstStep >= 100)
      }
    }
  }

  @Test(arguments: [
    (0.0, 1.0, 2.0, 1.0), (2, 1, 2, 1), (3, 1, 2, 1), (1, -1, 2, 1), (1, .nan, 2, 1), (1, 1, .infinity, 1),
    (.nan, 1, 2, 1), (1, 1, 2, -1),
  ])
  func refusesWhatCannotBe(smallBatch: Double, smallSquare: Double, bigBatch: Double, bigSquare: Double) throws {
    let run = try MonitorRun()
    try run.monitor.beginStep(1)
    #expect(throws: TrimtabError.self) {
      try run.monitor.observeNoise(
        smallBatch: smallBatch, smallSquare: smallSquare, bigBatch: bigBatch, bigSquare: bigSquare)
    }
    #expect(run.monitor.series.noise.count == 0)
  }
}
