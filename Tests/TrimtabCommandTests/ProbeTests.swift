import Foundation
import Testing

@testable import TrimtabCommand

@Suite struct ProbeTests {
  private static let source = """
    #include <math.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <unistd.h>
    double closes(double x) { for (int i = 0; i < 64; i++) close(i); return x; }
    double steep(double x) { return sin(300 * x); }
    double times(double x, int n) { return n * x; }
    double crash(double x) { if (x > -2) *(volatile int *)(long)(x > 5) = 1; return x; }
    double hang(double x) { for (;;) if (x > 5) return x; }
    double leave(double x) { if (x > 0.4) exit(0); return x; }
    double noisy(double x) { puts("noise"); return sin(x); }
    void beyond(const double *x, double *y) { for (int i = 0; i < 4; i++) y[i] = x[0]; }
    int status(const double *x, double *y) { y[0] = x[0]; return x[0] > 0.5 ? 7 : 0; }
    float single(float x) { return sinf(3 * x); }
    double sum(float a, const float *x, int n, signed char k, double *g, void *user) {
      double s = 0;
      for (int i = 0; i < n; i++) { s += k * a * x[i] * x[i]; g[i] = 2 * k * a * x[i]; }
      return user ? 0 : s;
    }
    void both(double *x) { x[0] = fabs(x[0]); }
    void force(double *x, double *f) { f[0] = x[0] > 0 ? x[0] : 0; f[1] = x[1] * x[1]; }
    """

  /// The library, compiled once; nil without a compiler.
  private static let library: String? = {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("trimtab-probe-\(UUID().uuidString)")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let (source, made) = (folder.appendingPathComponent("made.c"), folder.appendingPathComponent("libmade.so"))
    try? ProbeTests.source.write(to: source, atomically: true, encoding: .utf8)
    let compiler = Process()
    compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    compiler.arguments = ["cc", "-O1", "-shared", "-fPIC", source.path, "-o", made.path, "-lm"]
    guard (try? compiler.run()) != nil else { return nil }
    compiler.waitUntilExit()
    return compiler.terminationStatus == 0 ? made.path : nil
  }()

  private func probe(_ symbol: String, _ signature: String, _ domain: String, _ more: [String] = []) throws
    -> CommandRun
  {
    let library = try #require(ProbeTests.library, "a C compiler makes the library")
    return try CommandRun(["probe", library, "--symbol", symbol, "--signature", signature, "--domain", domain] + more)
  }

  @Test func aForceWithAKink() throws {
    let text = try probe("force", "void(f64*, f64*)", "-1:1,0:1")
    #expect(text.status == 1 && text.output.hasPrefix("WARNING: force in "))
    #expect(text.output.contains("at (0, 0.5): the slope along the segment jumps by"))
    let run = try probe("force", "void(f64*, f64*)", "-1:1,0:1", ["--json", "--tolerance", "1e-9"])
    let report = try #require(try run.json["report"] as? [String: Any])
    #expect(report["broken_order"] as? Int == 1 && report["cause"] as? String == "nonsmooth_field")
    #expect(try run.objects("findings").first?["cure"] as? String == cure)
    let segment = try #require(try run.json["segment"] as? [String: Any])
    #expect((segment["kinks"] as? [[String: Any]])?.count == 1)
    #expect(try probe("force", "void(f64*, f64*)", "-1:1,0:1", ["--fail-on", "never"]).status == 0)
  }

  private let cure =
    "Use a smooth activation (SiLU, tanh, softplus), end the solver's steps at the kinks, or loosen rtol to 1e-4."

  @Test func everyWayOfPassing() throws {
    let sum = try probe(
      "sum", "f64(f32 a, const f32* x[3], i32 n, i8 k, f64* g[3], void* user)", "-1:1",
      ["--set", "n=3", "--set", "k=-2", "--json"])
    #expect(sum.status == 0)
    #expect(try sum.json["inputs"] as? [String] == ["a", "x[0]", "x[1]", "x[2]"])
    #expect(try sum.json["output_count"] as? Int == 4)
    #expect(try probe("single", "f32(f32 x)", "-1:1").status == 0)
    #expect(try probe("both", "void(inout f64* x)", "-1:1").status == 1)
    let noisy = try probe("noisy", "double(double)", "-1:1")
    #expect(noisy.status == 0 && !noisy.output.contains("noise") && noisy.output.hasPrefix("HEALTHY"))
  }

  @Test func functionsThatDoNotReturn() throws {
    let crash = try probe("crash", "f64(f64 x)", "-1:1")
    #expect(crash.status == 2 && crash.errors.contains("the function ended its process by SIGSEGV, in call 1, at ("))
    #expect(!crash.errors.contains("Backtrac"))
    let hang = try probe("hang", "f64(f64 x)", "-1:1", ["--time-limit", "0.5"])
    #expect(hang.status == 2 && hang.errors.contains("no answer within --time-limit 0.5 s"))
    let leave = try probe("leave", "f64(f64 x)", "-1:1", ["--json"])
    #expect(leave.status == 2 && leave.errors.contains("the function ended its process with status 0"))
    #expect(try leave.json["exit_status"] as? Int == 2)
    let closes = try probe("closes", "f64(f64 x)", "-1:1")
    #expect(closes.status == 2 && closes.errors.contains("closes: the function closed the streams"), "\(closes.errors)")
    let beyond = try probe("beyond", "void(const f64* x, f64* y[2])", "-1:1")
    #expect(beyond.status == 2 && beyond.errors.contains("the function wrote beyond an array"))
    let status = try probe("status", "i32(const f64*, f64* out[1])", "-1:1")
    #expect(status.status == 2 && status.errors.contains("the function returned 7, allowed 0"))
  }

  @Test func boundIntegersAreTakenAsTheyAre() throws {
    for value in ["3.5", "3e9", "-2147483649", "nan"] {
      let run = try probe("times", "f64(f64 x, i32 n)", "-1:1", ["--set", "n=\(value)"])
      #expect(
        run.status == 2 && run.errors.contains("allowed a whole number from -2147483648 to 2147483647"), "\(run.errors)"
      )
    }
    #expect(try probe("times", "f64(f64 x, i32 n)", "-1:1", ["--set", "n=2147483647"]).status == 0)
    let single = try probe(
      "sum", "f64(f32 a, const f32* x[1], i32 n, i8 k, f64* g[1], void*)", "-1:1", ["--set", "a=1e39"])
    #expect(single.status == 2 && single.errors.contains("--set a: found 1.000e39, allowed numbers to 3.403e38"))
  }

  @Test func aFinerStepSeesThroughASteepFunction() throws {
    let coarse = try probe("steep", "f64(f64 x)", "-1:1", ["--json"])
    #expect(try (coarse.json["report"] as? [String: Any])?["broken_order"] as? Int == 0)
    let fine = try probe("steep", "f64(f64 x)", "-1:1", ["--finest", "13", "--json"])
    #expect(try fine.status == 0 && (fine.json["report"] as? [String: Any])?["broken_order"] as? Int == 4)
    let none = try probe("steep", "f64(f64 x)", "-1:1", ["--finest", "17"])
    #expect(none.status == 2 && none.errors.contains("options.finest: found 17, allowed 6 to 16"))
  }

  @Test(arguments: [
    ("void", "found its end, allowed '('"), ("void(", "found its end, allowed an argument"),
    ("f65(f64)", "found 'f65', allowed void, f64"), ("f64(f64", "found its end, allowed ')'"),
    ("f64(f64 x) y", "found 'y', allowed its end"), ("void(f64* x[0])", "found '[0', allowed a count"),
    ("f64()", "found no input to sweep"), ("void(f64 x)", "found nothing that is returned or written"),
    ("f64(in f64 x)", "allowed '*' after in"), ("f64(i32 n)", "found the integer n by value, allowed with --set n="),
    ("f64(const f64* a, const f64* b)", "found 2 pointers that are read and have no count"),
  ])
  func malformedSignatures(_ signature: String, _ message: String) throws {
    let run = try probe("force", signature, "-1:1")
    #expect(run.status == 2 && run.errors.contains(message), "\(run.errors)")
  }

  @Test func whatIsNotThere() throws {
    let library = try CommandRun(
      ["probe", "libnothing.so", "--symbol", "f", "--signature", "f64(f64)", "--domain", "0:1"])
    #expect(library.status == 2 && library.errors.contains("libnothing.so: cannot be loaded"))
    let symbol = try probe("nothing", "f64(f64)", "0:1")
    #expect(symbol.status == 2 && symbol.errors.contains("--symbol: found no 'nothing'"))
    let domain = try probe("force", "void(f64*, f64*)", "1:0")
    #expect(domain.status == 2 && domain.errors.contains("--domain: found '1:0'"))
    let empty = try probe("noisy", "f64(f64 x)", "0:0")
    #expect(empty.status == 2 && empty.errors.contains("--domain: found '0:0', which is empty"), "\(empty.errors)")
    let wide = try probe("noisy", "f64(f64 x)", "-1e308:1e308")
    #expect(wide.status == 2 && wide.errors.contains("allowed ends that are at most 1.798e308 apart"))
    let twice = try probe("force", "void(f64* x, f64* x)", "0:1,0:1")
    #expect(twice.status == 2 && twice.errors.contains("--signature: found the name 'x' twice"))
    let seed = try probe("noisy", "f64(f64 x)", "0:1", ["--seed", "-1"])
    #expect(seed.status == 2 && seed.errors.contains("'-1' is invalid for '--seed"))
    let set = try probe("force", "void(f64*, f64*)", "0:1,0:1", ["--set", "q=1"])
    #expect(set.status == 2 && set.errors.contains("--set q: found no argument"))
    let tolerance = try probe("force", "void(f64*, f64*)", "0:1,0:1", ["--tolerance", "3"])
    #expect(tolerance.status == 2 && tolerance.errors.contains("options.tolerance: found 3"))
  }
}
