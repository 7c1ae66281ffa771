import Testing

@testable import Trimtab

@Suite struct WatchedAttention {
  /// Rows over 64 keys whose first logit lies `lead` above all others.
  private func row(lead: Double) -> [Double] {
    let first = exponential(lead)
    return [first / (first + 63)] + Array(repeating: 1 / (first + 63), count: 63)
  }

  // Oracle: entropies 4.1589, 2.9102 and 0.1865 for leads of 0, 4 and 8.
  @Test(arguments: [(0, 4.1589), (4, 2.9102), (8, 0.1865)])
  func entropyOverTheLogarithmOfTheKeys(lead: Double, entropy: Double) throws {
    let watch = try AttentionWatch()
    let values = row(lead: lead) + row(lead: lead)
    try withTensor(values.span, shape: [2, 64]) { view throws(TrimtabError) in watch.add(view) }
    #expect(abs(watch.lowestEntropy - entropy / 4.15888) < 2e-5)
  }

  @Test func aCausalRowIsHeldAgainstTheKeysItMaySee() throws {
    let watch = try AttentionWatch()
    // Row i spreads evenly over i + 1 keys; row 0 has no choice and says nothing.
    let values = (0..<4).flatMap { row in (0..<4).map { $0 <= row ? 1 / Double(row + 1) : 0 } }
    try withTensor(values.span, shape: [4, 4]) { view throws(TrimtabError) in watch.add(view) }
    #expect(abs(watch.lowestEntropy - 1) < 1e-12)
  }

  @Test func aHeadThatCollapsesIsNamed() throws {
    let run = try MonitorRun()
    let layer = try run.register("attention", .attention)
    for number in 1...10 {
      // Two batches, three heads, five rows; the second head collapses at step 5.
      var values: [Double] = []
      for _ in 0..<2 {
        for head in 0..<3 { for _ in 0..<5 { values += row(lead: head == 1 && number >= 5 ? 8 : 1) } }
      }
      try run.step { try run.show(layer, .attention, values, shape: [2, 3, 5, 64]) }
    }
    #expect(run.findings.map(\.rule) == [.attentionEntropy])
    #expect(run.first.index == 1 && run.first.cause == .attentionCollapse && run.first.firstStep == 7)
    #expect(abs(run.first.value - 0.1865 / 4.15888) < 1e-4)
  }

  @Test func aHeadThatAlwaysWasSharpIsHealthy() throws {
    let run = try MonitorRun()
    let layer = try run.register("attention", .attention)
    for _ in 0..<10 { try run.step { try run.show(layer, .attention, row(lead: 8), shape: [1, 64]) } }
    #expect(run.findings.isEmpty)
  }

  @Test func logitsThatGrow() throws {
    let run = try MonitorRun()
    let layer = try run.register("attention", .attention)
    for greatest in [4.6, 18, 49, 73, 293] {
      // A mask is written as -Inf, and is no fault.
      let decision = try run.step {
        try run.show(layer, .attentionLogits, [greatest, -1, -.infinity, 0], shape: [2, 2])
      }
      #expect(decision.action == .proceed)
    }
    #expect(run.findings.map(\.rule) == [.logitGrowth])
    #expect(run.first.firstStep == 4 && run.first.value == 293 && run.first.threshold == 50)
    #expect(try run.step { try run.show(layer, .attentionLogits, [.nan, 1], shape: [1, 2]) }.action == .skip)
  }
}

@Suite struct WatchedSpectra {
  private func diagonal(_ values: [Double]) -> [Double] {
    values.indices.flatMap { row in values.indices.map { $0 == row ? values[row] : 0 } }
  }

  // Oracle: the stable rank of diag(1, 0.5) is 1.25, of the identity its size.
  @Test(arguments: [([1, 0.5], 1.25), ([1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 10), ([3, 0, 0], 1)] as [([Double], Double)])
  func stableRank(values: [Double], wanted: Double) throws {
    let watch = SpectralWatch()
    let matrix = diagonal(values)
    for _ in 0..<60 {
      try withTensor(matrix.span, shape: [values.count, values.count]) { view throws(TrimtabError) in
        try watch.add(view, frobeniusNorm: summarize(view).l2Norm)
      }
    }
    #expect(abs(watch.stableRank - wanted) < 1e-9)
    #expect(abs(watch.norm - (values.max() ?? 0)) < 1e-9)
  }

  @Test func aNormThatGrowsTenfoldIsSaid() throws {
    let run = try MonitorRun()
    let weight = try run.register("weight")
    var size = 1.0
    for _ in 0..<80 {
      size *= 1.05
      let matrix = diagonal([size, 0.9, 0.8, 0.7, 1.1, 1, 1, 1])
      try run.step { try run.show(weight, .weight, matrix, shape: [8, 8]) }
    }
    let found = run.findings(.spectralNorm)
    #expect(found.count == 1 && (found.first?.value ?? 0) > 10 && found.first?.cause == .learningRateTooHigh)
  }
}
