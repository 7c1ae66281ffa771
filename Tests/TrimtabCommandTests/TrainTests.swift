import Foundation
import Testing
import Trimtab
import TrimtabFormats

@Suite struct TrainTests {
  let output = FileManager.default.temporaryDirectory.appendingPathComponent("trimtab-\(UUID().uuidString).safetensors")
    .path

  @Test func learnsDigitsAndWritesTheWeights() throws {
    defer { try? FileManager.default.removeItem(atPath: output) }
    let arguments = [
      "train", CommandRun.example("digits/features_raw.npy"), "--target", CommandRun.example("digits/labels.npy"),
      "--layers", "48,24", "--out", output, "--json",
    ]
    let run = try CommandRun(arguments)
    #expect(run.status == 0, "\(run.errors)")
    #expect(try run.json["verdict"] as? String == "healthy")
    let training = try #require(try run.json["training"] as? [String: Any])
    let scores = try #require(training["validation"] as? [String: Any])
    #expect(try #require(scores["accuracy"] as? Double) > 0.93)
    #expect(scores["count"] as? Int == 359 && training["layers"] as? [Int] == [48, 24, 10])
    let tensors = try TensorFile(path: output).tensors
    #expect(
      Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.shape) }) == [
        "layer0.weight": [48, 64], "layer0.bias": [48], "layer1.weight": [24, 48], "layer1.bias": [24],
        "layer2.weight": [10, 24], "layer2.bias": [10],
      ])
    // The same seed gives the same bytes.
    let first = try Data(contentsOf: URL(fileURLWithPath: output))
    #expect(try CommandRun(arguments).status == 0)
    #expect(try Data(contentsOf: URL(fileURLWithPath: output)) == first)
  }

  /// y = 3 a - 2 b + 1 by a linear model: the weights are those, as far as standardising moves them.
  @Test func findsALine() throws {
    defer { try? FileManager.default.removeItem(atPath: output) }
    let files = try MadeFiles()
    var noise = Noise(seed: 3)
    let numbers = noise.normals(400)
    var text = "a,y,b\n"
    for row in 0..<200 {
      let (a, b) = (numbers[2 * row], numbers[2 * row + 1])
      text += "\(a),\(3 * a - 2 * b + 1),\(b)\n"
    }
    let table = files.path("line.csv")
    try text.write(toFile: table, atomically: true, encoding: .utf8)
    let run = try CommandRun([
      "train", table, "--target", "y", "--layers", "none", "--raw", "--optimizer", "sgd", "--rate", "0.1", "--epochs",
      "60", "--validation", "0", "--out", output, "--json",
    ])
    #expect(run.status == 0, "\(run.errors)")
    let training = try #require(try run.json["training"] as? [String: Any])
    #expect(try #require((training["training"] as? [String: Any])?["loss"] as? Double) < 1e-10)
    #expect(training["validation"] is NSNull && training["standardised"] as? Bool == false)
    var found: [String: [Double]] = [:]
    for tensor in try TensorFile(path: output).tensors {
      try tensor.withView(memoryLimit: 1 << 20) { view in
        found[tensor.name] = (0..<view.count).map {
          Double(view.base?.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) ?? .nan)
        }
      }
    }
    for (number, wanted) in zip(found["layer0.weight", default: []] + found["layer0.bias", default: []], [3.0, -2, 1]) {
      #expect(abs(number - wanted) < 1e-4)
    }
  }

  @Test func wordsAreClasses() throws {
    let files = try MadeFiles()
    var noise = Noise(seed: 5)
    var text = "kind,x,y\n"
    for row in 0..<120 {
      let values = noise.normals(2)
      let isCat = row % 2 == 0
      text += "\(isCat ? "cat" : "dog"),\(values[0] + (isCat ? 3 : -3)),\(row == 7 ? "" : "\(values[1])")\n"
    }
    let table = files.path("animals.csv")
    try text.write(toFile: table, atomically: true, encoding: .utf8)
    let run = try CommandRun(["train", table, "--target", "kind", "--layers", "8", "--rate", "0.01"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("2-8-2 learns kind"))
    #expect(run.output.contains("1 row with NaN, Inf or a gap left out"))
    #expect(run.output.contains("features standardised"))
    #expect(run.output.contains("100 %"))
    let numbered = try CommandRun(["train", table, "--target", "1", "--layers", "8", "--rate", "0.01", "--json"])
    let training = try #require(try numbered.json["training"] as? [String: Any])
    #expect(training["classes"] as? [String] == ["cat", "dog"])
  }

  @Test func saysThatTheRateIsTooHigh() throws {
    let wine = CommandRun.example("wine/features_raw.csv")
    let arguments = ["train", wine, "--target", "alcohol", "--rate", "50", "--optimizer", "sgd"]
    let run = try CommandRun(arguments)
    #expect(run.status == 1)
    #expect(run.output.hasPrefix("CRITICAL") && run.output.contains("learning_rate_too_high"))
    #expect(run.output.contains("stopped by the monitor at step"))
    // Each finding is said in the step in which it arises.
    let live = run.errors.split(separator: "\n")
    #expect(live.first?.hasPrefix("step 3: warning: gradient_spike, ") == true, "\(run.errors)")
    #expect(live.first?.hasSuffix("[learning_rate_too_high]") == true)
    #expect(live.contains { $0.contains(": critical: ") })
    #expect(try CommandRun(arguments + ["--fail-on", "never"]).status == 0)
  }

  @Test func leavesALogThatCheckExplains() throws {
    let files = try MadeFiles()
    let log = files.path("run.jsonl")
    let wine = CommandRun.example("wine/features_raw.csv")
    #expect(try CommandRun(["train", wine, "--target", "alcohol", "--epochs", "3", "--log", log]).status == 0)
    let check = try CommandRun(["check", log])
    #expect(check.status == 0 && check.output.contains("steps 1 to 15"))
  }

  /// What a step of the trainer's own options does is its tests' business; here they arrive.
  @Test(arguments: [
    ["--optimizer", "adamw", "--beta1", "0.8", "--beta2", "0.99", "--epsilon", "1e-6", "--weight-decay", "0.1"],
    ["--optimizer", "nesterov", "--momentum", "0.5", "--rate", "0.01"],
    ["--optimizer", "rmsprop", "--smoothing", "0.9"],
    ["--schedule", "cosine", "--warm-up", "5", "--minimum-factor", "0.1"],
    ["--schedule", "step", "--step-size", "20", "--decay", "0.5"], ["--schedule", "exponential", "--decay", "0.99"],
    ["--clipping", "fixed", "--maximum-norm", "0.5"], ["--clipping", "adaptive", "--maximum-norm", "0.5"],
    ["--clipping", "per-tensor"],
    ["--average-decay", "0.9"],
  ]) func takesTheTrainersOptions(arguments: [String]) throws {
    defer { try? FileManager.default.removeItem(atPath: output) }
    let wine = ["train", CommandRun.example("wine/features_raw.csv"), "--target", "alcohol", "--out", output]
    #expect(try CommandRun(wine).status == 0)
    let plain = try Data(contentsOf: URL(fileURLWithPath: output))
    let run = try CommandRun(wine + arguments)
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.output)\(run.errors)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: output)) != plain)
    #expect(run.output.contains("moving average of the weights") == arguments.contains("--average-decay"))
  }

  /// Up to the peak in 4 of 15 steps, then down: the last share is (1 + cos(10 pi / 11)) / 2.
  @Test func warmsUpAndAnneals() throws {
    let files = try MadeFiles()
    let log = files.path("run.jsonl")
    let run = try CommandRun([
      "train", CommandRun.example("wine/features_raw.csv"), "--target", "alcohol", "--epochs", "3", "--log", log,
      "--schedule", "cosine", "--warm-up", "4", "--rate", "0.004",
    ])
    #expect(run.status == 0, "\(run.errors)")
    let found = try CommandRun(["check", log]).output
    #expect(found.contains("8.101e-5 to 0.004 (step 4), last 8.101e-5"), "\(found)")
  }

  @Test func keepsToTheMemory() throws {
    let wine = ["train", CommandRun.example("wine/features_raw.csv"), "--target", "alcohol", "--layers", "2000,2000"]
    let run = try CommandRun(wine + ["--maximum-memory", "20"])
    #expect(run.status == 2)
    #expect(run.errors.contains("of memory (table ") && run.errors.contains("allowed 20 MB: see --maximum-memory"))
    #expect(try CommandRun(Array(wine.dropLast(2)) + ["--epochs", "1", "--maximum-memory", "20"]).status == 0)
  }

  /// A training from which nothing can be learned looks healthy.
  @Test(arguments: [
    ("x,y\n1,2.5\n2,3.5\n", "too_few_samples"), ("x,y\n1,2.5\n2,2.5\n3,2.5\n4,2.5\n5,2.5\n", "constant_target"),
    ("x,y\n7,2.5\n7,3.5\n7,4.5\n7,5.5\n7,6.25\n", "constant_feature"),
    ("x,y\n1,cat\n2,cat\n3,cat\n4,cat\n,dog\n", "constant_target"),
  ]) func saysThatNothingCanBeLearned(text: String, cause: String) throws {
    let files = try MadeFiles()
    let table = files.path("hopeless.csv")
    try text.write(toFile: table, atomically: true, encoding: .utf8)
    let run = try CommandRun(["train", table, "--target", "y", "--epochs", "3", "--json"])
    #expect(run.errors.hasPrefix("notice: "), "\(run.errors)")
    #expect(try run.json["verdict"] as? String != "healthy")
    #expect(try run.objects("findings").contains { $0["cause"] as? String == cause })
  }

  @Test func saysWhatUnitsAreAllowed() throws {
    let run = try CommandRun(
      ["train", CommandRun.example("wine/features_raw.csv"), "--target", "alcohol", "--layers", "8,0"])
    #expect(run.status == 2)
    #expect(run.errors.contains("'--layers <units>': found '0', allowed none, or 1 to 65536 units each"))
  }

  @Test(arguments: [
    ["--target", "nope"], ["--target", "0"], ["--target", "99"], ["--target", "alcohol", "--layers", "8,x"],
    ["--target", "alcohol", "--layers", "0"], ["--target", "alcohol", "--rate", "nan"],
    ["--target", "alcohol", "--epochs", "0"], ["--target", "alcohol", "--batch", "0"],
    ["--target", "alcohol", "--validation", "1"], ["--target", "alcohol", "--out", "w.npy"],
    ["--target", "alcohol", "--schedule", "cosine", "--warm-up", "100"],
    ["--target", "alcohol", "--warm-up", "-1"],
    ["--target", "alcohol", "--schedule", "step"], ["--target", "alcohol", "--decay", "0.5"],
    ["--target", "alcohol", "--minimum-factor", "2", "--schedule", "cosine"],
    ["--target", "alcohol", "--momentum", "0.5"],
    ["--target", "alcohol", "--momentum", "1", "--optimizer", "momentum"],
    ["--target", "alcohol", "--epsilon", "0"],
    ["--target", "alcohol", "--maximum-norm", "2"],
    ["--target", "alcohol", "--clipping", "fixed", "--maximum-norm", "0"],
    ["--target", "alcohol", "--average-decay", "1"],
    ["--target", "alcohol", "--weight-decay", "-1"],
    ["--target", "alcohol", "--loss", "cross-entropy"], ["--target", "/nonexistent.npy"],
    ["--target", "alcohol", "--out", "/nonexistent/w.safetensors"],
  ]) func refuses(arguments: [String]) throws {
    let run = try CommandRun(["train", CommandRun.example("wine/features_raw.csv")] + arguments)
    #expect(run.status == 2 && !run.errors.isEmpty, "\(run.output)")
  }
}

extension TrainTests {
  @Test func findsTheRateThatANetBears() throws {
    let arguments = [
      "train", CommandRun.example("digits/features_raw.npy"), "--target", CommandRun.example("digits/labels.npy"),
      "--layers", "8", "--optimizer", "sgd", "--find-rate", "--json",
    ]
    let calm = try CommandRun(arguments + ["--rate", "0.01"])
    #expect(calm.status == 0, "\(calm.errors)")
    let rates = try #require(try calm.json["rates"] as? [String: Any])
    let peak = try #require(rates["peak_rate"] as? Double)
    #expect(peak > 0.05 && rates["warm_up_steps"] as? Int == 0 && rates["verdict"] as? String == "healthy")
    let wild = try CommandRun(arguments + ["--rate", "90"])
    #expect(wild.status == 1 && wild.output.contains("learning_rate_too_high"))
    #expect(try CommandRun(arguments + ["--out", output]).status != 0)
  }
}

extension TrainTests {
  @Test func aFadingLeakEndsAsAPlainReLU() throws {
    let run = try CommandRun([
      "train", CommandRun.example("digits/features_raw.npy"), "--target", CommandRun.example("digits/labels.npy"),
      "--activation", "leaky_relu", "--fading-leak", "--epochs", "10", "--json",
    ])
    #expect(run.status == 0, "\(run.errors)")
    let training = try #require(try run.json["training"] as? [String: Any])
    let (leaky, plain) = (training["training"] as? [String: Any], training["training_as_relu"] as? [String: Any])
    let losses = (try #require(leaky?["loss"] as? Double), try #require(plain?["loss"] as? Double))
    #expect(losses.0 != losses.1 && losses.1 < 2 * losses.0 + 0.05)
    #expect(try CommandRun(["train", "x.csv", "--target", "y", "--fading-leak"]).status != 0)
  }
}
