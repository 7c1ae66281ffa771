import Foundation
import Testing

@Suite struct LeakageTests {
  private static let source = """
    #include <math.h>
    #include <stdint.h>
    #include <stdio.h>
    #include <stdlib.h>
    int32_t norm(void *u, const double *x, int64_t n, int64_t d, double *y, int64_t m) {
      double a = 0, s = 0;
      for (int64_t i = 0; i < n; i++) a += x[i * d] / n;
      for (int64_t i = 0; i < n; i++) s += (x[i * d] - a) * (x[i * d] - a) / n;
      for (int64_t i = 0; i < n; i++) y[i * m] = (x[i * d] - a) / sqrt(s);
      return 0;
    }
    int32_t even(void *u, const double *x, int64_t n, int64_t d, double *y, int64_t m) {
      double a = 0, s = 1;
      for (int64_t i = 0; i < n; i++) a += x[i * d] / n;
      for (int64_t i = 0; i < n; i++) s += (x[i * d] - a) * (x[i * d] - a) / n;
      for (int64_t i = 0; i < n; i++) y[i * m] = (x[i * d] - a) / sqrt(s);
      return 0;
    }
    int32_t refuses(void *u, const double *x, int64_t n, int64_t d, double *y, int64_t m) { return 3; }
    int32_t crash(void *u, const double *x, int64_t n, int64_t d, double *y, int64_t m) { *(volatile int *)8 = 1; return 0; }
    int32_t hang(void *u, const double *x, int64_t n, int64_t d, double *y, int64_t m) { for (;;) if (x[0] > 9) return 0; }
    int32_t leave(void *u, const double *x, int64_t n, int64_t d, double *y, int64_t m) { exit(2); }
    int32_t noisy(void *u, const double *x, int64_t n, int64_t d, double *y, int64_t m) {
      for (int64_t i = 0; i < n * m; i++) y[i] = x[i * d];
      puts("noise");
      return 0;
    }
    """

  /// A library made of C, and four samples of one feature.
  private func withLibrary(_ body: (_ library: String, _ samples: String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("trimtab-leakage-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let code = folder.appendingPathComponent("model.c").path
    let library = folder.appendingPathComponent("model.so").path
    let samples = folder.appendingPathComponent("samples.csv").path
    try LeakageTests.source.write(toFile: code, atomically: true, encoding: .utf8)
    try "1\n2\n3\n6\n".write(toFile: samples, atomically: true, encoding: .utf8)
    let compiler = Process()
    compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    compiler.arguments = ["cc", "-shared", "-fPIC", "-O1", code, "-o", library, "-lm"]
    try compiler.run()
    compiler.waitUntilExit()
    try #require(compiler.terminationStatus == 0)
    try body(library, samples)
  }

  @Test func probesAFunctionOfALibrary() throws {
    try withLibrary { library, samples in
      let arguments = ["leakage", library, "--samples", samples, "--csv-header", "absent", "--step", "1e-5", "--json"]
      let found = try CommandRun(arguments + ["--symbol", "norm"])
      #expect(found.status == 0)
      let reading = try #require(try found.objects("readings").first)
      let report = try #require(reading["report"] as? [String: Any])
      #expect(abs(try #require(report["cross_share"] as? Double) - 0.375) < 1e-9)
      #expect(try found.objects("findings").first?["cause"] as? String == "batch_dependence")
      #expect(try CommandRun(arguments + ["--symbol", "norm", "--fail-on", "notice"]).status == 1)
      let refused = try CommandRun(arguments + ["--symbol", "refuses"])
      #expect(
        refused.status == 2
          && refused.errors.contains("refuses: the function returned 3, allowed 0 to go on, in call 1"))
      #expect(try refused.json["error"] as? String != nil)
      let missing = try CommandRun(arguments + ["--symbol", "nothing"])
      #expect(missing.status == 2 && missing.errors.contains("found no 'nothing' in"))
    }
    let absent = try CommandRun(["leakage", "absent.so", "--symbol", "f", "--samples", "x.npy"])
    #expect(absent.status == 2 && absent.errors.contains("cannot be loaded"))
  }

  @Test func saysWhatItReadOfTheFunction() throws {
    // Two samples may be the same, or so close that their deviation alone says nothing.
    try withLibrary { library, samples in
      let targets = samples + ".targets.csv"
      let arguments = [
        "leakage", library, "--symbol", "even", "--samples", samples, "--targets", targets, "--csv-header", "absent",
        "--batch-size", "2",
      ]
      try "0\n1\n0\n1\n".write(toFile: targets, atomically: true, encoding: .utf8)
      let found = try CommandRun(arguments)
      #expect(found.output.contains("\(library):even\n"), "\(found.output)")
      #expect(found.output.contains("replay ratio ") && found.output.contains(" in other company\n"), "\(found.output)")
      #expect(!found.output.contains("not checked"))
      try "1\n1\n1\n1\n".write(toFile: targets, atomically: true, encoding: .utf8)
      let one = try CommandRun(arguments)
      #expect(one.output.contains("even: composition of batches: all targets are of one class\n"), "\(one.output)")
    }
  }

  @Test func functionsThatDoNotReturn() throws {
    try withLibrary { library, samples in
      func run(_ symbol: String, _ more: [String] = []) throws -> CommandRun {
        try CommandRun(["leakage", library, "--samples", samples, "--csv-header", "absent", "--symbol", symbol] + more)
      }
      let crash = try run("crash")
      #expect(crash.status == 2 && crash.output.isEmpty)
      #expect(
        crash.errors == "trimtab: crash: the function ended its process by SIGSEGV, in call 1, on a batch of 4 rows\n")
      let hang = try run("hang", ["--time-limit", "0.5", "--json"])
      #expect(hang.status == 2 && hang.errors.contains("no answer within --time-limit 0.5 s"), "\(hang.errors)")
      #expect(try hang.json["exit_status"] as? Int == 2)
      let leave = try run("leave")
      #expect(
        leave.status == 2
          && leave.errors
            == "trimtab: leave: the function ended its process with status 2, in call 1, on a batch of 4 rows\n"
      )
      let noisy = try run("noisy")
      #expect(
        noisy.status == 0 && !noisy.output.contains("noise") && noisy.output.contains("4×1 float64 taken for samples"))
      let limit = try run("noisy", ["--time-limit", "0"])
      #expect(limit.status == 2 && limit.errors.contains("--time-limit: found 0"))
      let seed = try run("noisy", ["--seed", "-1"])
      #expect(seed.status == 2 && seed.errors.contains("'-1' is invalid for '--seed"), "\(seed.errors)")
    }
  }

  @Test func balanceAndBlur() throws {
    try withLibrary { _, samples in
      let equal = try CommandRun(["balance", samples, samples, "--csv-header", "absent", "--json"])
      let report = try #require(try equal.objects("readings").first?["report"] as? [String: Any])
      #expect(equal.status == 0 && report["ratio"] as? Double == 1 && report["mean_cosine"] as? Double == 1)
      let weak = try CommandRun(["balance", samples, samples, "--csv-header", "absent", "--adversarial-weight", "0.01"])
      #expect(weak.status == 1 && weak.output.contains("weak_adversary"))
      #expect(try CommandRun(["balance", samples, "absent.npy"]).status == 2)
      #expect(try CommandRun(["balance", samples, samples, "--blur", samples]).status == 2)
    }
  }
}
