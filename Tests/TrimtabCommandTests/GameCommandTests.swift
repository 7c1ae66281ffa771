import Testing

/// `trimtab game` as a user runs it.
@Suite struct GameCommandTests {
  /// The Dirac-GAN with R1 of 0.3: mu = -0.15 +- i sqrt(0.25 - 0.0225), stable below 2 * 0.15 / 0.25 = 1.2.
  @Test func theDiracGAN() throws {
    let files = try MadeFiles()
    let penalised = try files.text("penalised.csv", "0,-0.5\n0.5,-0.3\n")
    let run = try CommandRun(["game", penalised, "--step", "0.1", "--json"])
    let values = try run.objects("eigenvalues")
    try #require(values.count == 2 && run.status == 0)
    #expect(abs(try #require(values[0]["real"] as? Double) + 0.15) < 1e-12)
    #expect(abs(abs(try #require(values[0]["imaginary"] as? Double)) - 0.2275.squareRoot()) < 1e-12)
    #expect(abs(try #require(try run.json["stable_step"] as? Double) - 1.2) < 1e-12)
    #expect(try CommandRun(["game", penalised, "--step", "1.1999"]).status == 0)
    #expect(try CommandRun(["game", penalised, "--step", "1.2001"]).status == 1)
    let free = try CommandRun([
      "game", try files.npy("free.npy", [2, 2], [0, -0.5, 0.5, 0] as [Double]), "--step", "0.1",
    ])
    #expect(free.status == 1 && free.output.hasPrefix("CRITICAL") && free.output.contains("unstable_game"))
    #expect(free.output.contains("no step stays") && free.output.contains("2×2 float64 taken for Jacobian"))
  }

  @Test func refusals() throws {
    let files = try MadeFiles()
    let square = try files.text("square.csv", "0,-0.5\n0.5,0\n")
    for step in ["0", "-0.1", "inf"] {
      let run = try CommandRun(["game", square, "--step", step])
      #expect(run.status == 2 && run.output.contains("--step: found \(step), allowed above 0"), "\(run.output)")
    }
    let wide = try CommandRun(["game", try files.text("wide.csv", "1,2,3\n4,5,6\n"), "--step", "1"])
    #expect(wide.status == 2 && wide.output.contains("allowed a square matrix"))
    let broken = try CommandRun(["game", try files.text("broken.csv", "1,nan\n0,1\n"), "--step", "1"])
    #expect(broken.status == 2 && broken.output.hasPrefix("UNKNOWN"))
    #expect(try CommandRun(["game", square]).errors.contains("'--step"))
  }
}
