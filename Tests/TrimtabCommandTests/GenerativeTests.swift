import Testing

/// `trimtab generative` as a user runs it.
@Suite struct GenerativeTests {
  @Test func samplesThatMissHalfTheData() throws {
    let files = try MadeFiles()
    var noise = Noise(seed: 9)
    let real = noise.normals(1000)
    let fake = noise.normals(1000).map { abs($0) }
    let run = try CommandRun([
      "generative", "coverage", try files.npy("real.npy", [500, 2], real), try files.npy("fake.npy", [500, 2], fake),
      "--json",
    ])
    #expect(run.status == 1, "\(run.errors)")
    let finding = try #require(try run.objects("findings").first)
    #expect(finding["cause"] as? String == "mode_collapse")
    let same = try CommandRun(["generative", "coverage", files.path("real.npy"), files.path("real.npy")])
    #expect(same.status == 0, "\(same.output)")
  }

  @Test func whatCouldNotBeToldIsNoMeasurement() throws {
    let files = try MadeFiles()
    var noise = Noise(seed: 2)
    let few = try files.npy("few.npy", [10, 2], noise.normals(20))
    let zeros = try files.npy("zeros.npy", [1, 2], [0.0, 0.0])
    let one = try files.npy("one.npy", [1, 2], [1.0, 1.0])
    let runs = [
      (["coverage", few, few, "--neighbours", "30"], "fewer samples than neighbours"),
      (["coverage", few, few], "coverage 1 of"),
      (["exposure", zeros, one], "no error in steps with true prefixes"),
      (["exposure", one, one], "0 % more error"),
      (["posterior", one, one], "1 usable sample"),
      (["cost", one], "1 usable point"),
    ]
    for (arguments, text) in runs {
      let run = try CommandRun(["generative"] + arguments)
      #expect(run.output.contains(text), "\(run.output)")
      #expect(!run.output.lowercased().replacing("nan or inf", with: "").contains("nan"), "\(run.output)")
    }
  }

  @Test func errorsThatPileUp() throws {
    let files = try MadeFiles()
    let teacher = try files.npy("teacher.npy", [1, 4], [0.1, 0.1, 0.1, 0.1])
    let run = try CommandRun([
      "generative", "exposure", teacher, try files.npy("free.npy", [1, 4], [0.1, 0.2, 0.3, 0.4]),
    ])
    #expect(run.status == 1 && run.output.contains("exposure_bias"), "\(run.output)")
    #expect(try CommandRun(["generative", "exposure", teacher, teacher]).status == 0)
    #expect(try CommandRun(["generative", "exposure", teacher, "/nonexistent.npy"]).status == 2)
  }

  @Test func latentsAndCurves() throws {
    let files = try MadeFiles()
    let zeros = try files.npy("zeros.npy", [3, 2], [Double](repeating: 0, count: 6))
    let run = try CommandRun(["generative", "posterior", zeros, zeros])
    #expect(run.status == 1 && run.output.contains("0 of 2 latent dimensions active"), "\(run.output)")
    let curve = try files.npy("curve.npy", [3, 2], [4, 0.6, 8, 0.1, 1000, 0.09])
    #expect(try CommandRun(["generative", "cost", curve]).status == 0)
    let table = try files.text("weights.csv", "4,0.6\n8,0.1\n1000,0.09\n")
    let taken = try CommandRun(["generative", "cost", table, "--csv-header", "absent"])
    #expect(
      taken.status == 0
        && taken.output.contains("3×2 float64 taken for evaluations and distances (told by the subcommand)"),
      "\(taken.output)")
    let few = try CommandRun(["generative", "cost", curve, "--evaluations-in-use", "4"])
    #expect(few.status == 1 && few.output.contains("too_few_steps"), "\(few.output)")
    let wrong = try CommandRun(["generative", "cost", curve, "--evaluations-in-use", "5"])
    #expect(wrong.status == 2 && wrong.output.contains("--evaluations-in-use: found 5"), "\(wrong.output)")
  }
}
