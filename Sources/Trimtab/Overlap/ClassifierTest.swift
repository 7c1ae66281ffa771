/// What a held-out classifier sees of each sample.
public enum OverlapFeatures: Int32, Sendable {
  /// The numbers, their squares, and the logarithms of the energies of Haar octaves where the positions are a power of
  /// two.
  case standard = 0
  /// The numbers as they are: for features that the caller made.
  case given = 1
}

/// The classifier two-sample test: a logistic regression fitted to one part of two samples tells those of the other part
/// apart. Source: Lopez-Paz & Oquab 2017; definitions 6.
struct ClassifierTest {
  private(set) var realTestCount = 0
  private(set) var fakeTestCount = 0
  private(set) var realCorrect = 0
  private(set) var fakeCorrect = 0

  /// Splits each sample by the order of the uniform numbers of its own stream, fits, and counts.
  init(_ real: OverlapSamples, _ fake: OverlapSamples, _ options: OverlapOptions) throws(TrimtabError) {
    let features = SampleFeatures(real.width, options.features)
    let isTest = try Storage<Bool>(count: real.count &+ fake.count, for: "split")
    realTestCount = try Self.split(real.count, options, stream: 0, into: isTest.pointer)
    fakeTestCount = try Self.split(fake.count, options, stream: 1, into: isTest.pointer + real.count)
    let total = real.count &+ fake.count
    let trained = total &- realTestCount &- fakeTestCount
    let (size, overflow) = total.multipliedReportingOverflow(by: features.count)
    guard !overflow else { throw TrimtabError(.overflow, "options.features: found more than 64 bits can count") }
    // The training part first, then the test part.
    let rows = try Storage<Double>(count: size, for: "features")
    let isReal = try Storage<Bool>(count: total, for: "split")
    var (next, nextTest) = (0, trained)
    for index in 0..<total {
      let place = isTest.pointer[index] ? nextTest : next
      if isTest.pointer[index] { nextTest = nextTest &+ 1 } else { next = next &+ 1 }
      let source = index < real.count ? real.row(index) : fake.row(index &- real.count)
      features.write(source, to: rows.pointer + place &* features.count)
      isReal.pointer[place] = index < real.count
    }
    try Self.standardise(rows.pointer, total, trained, features.count)
    let model = try LogisticRegression(
      rows.pointer, count: trained, width: features.count, ridge: options.ridge
    ) { isReal.pointer[$0] }
    for row in trained..<total {
      let score = model.score(rows.pointer + row &* features.count)
      if isReal.pointer[row] {
        realCorrect = realCorrect &+ (score > 0 ? 1 : 0)
      } else {
        fakeCorrect = fakeCorrect &+ (score > 0 ? 0 : 1)
      }
    }
  }

  private static func split(
    _ count: Int, _ options: OverlapOptions, stream: UInt64, into isTest: UnsafeMutablePointer<Bool>
  ) throws(TrimtabError) -> Int {
    let numbers = RandomNumbers(seed: options.seed, stream: stream)
    let keys = try Storage<Double>(count: count, for: "split")
    let order = try Storage<Int>(count: count, for: "split")
    for index in 0..<count {
      keys.pointer[index] = numbers.uniform(at: UInt64(index))
      order.pointer[index] = index
    }
    sortDescending(keys.pointer, count, with: order.pointer)
    let tested = Int(Double(count) * options.testShare)
    for place in 0..<min(tested, count) { isTest[order.pointer[place]] = true }
    return tested
  }

  /// To mean 0 and variance 1 over the training part; a column that does not vary there is 0.
  private static func standardise(
    _ rows: UnsafeMutablePointer<Double>, _ total: Int, _ trained: Int, _ width: Int
  ) throws(TrimtabError) {
    let mean = try Storage<Double>(count: width, for: "features")
    let spread = try Storage<Double>(count: width, for: "features")
    let share = 1 / Double(max(trained, 1))
    for row in 0..<trained { kernels.addScaled(share, rows + row &* width, mean.pointer, width) }
    for row in 0..<trained {
      for column in 0..<width {
        let difference = rows[row &* width &+ column] - mean.pointer[column]
        spread.pointer[column] += share * difference * difference
      }
    }
    for column in 0..<width {
      let deviation = spread.pointer[column].squareRoot()
      spread.pointer[column] = deviation > 1e-12 * mean.pointer[column].magnitude ? 1 / deviation : 0
    }
    for row in 0..<total {
      for column in 0..<width {
        let place = row &* width &+ column
        rows[place] = (rows[place] - mean.pointer[column]) * spread.pointer[column]
      }
    }
  }
}

/// The features of a sample of `width` numbers.
private struct SampleFeatures {
  let width: Int
  let kind: OverlapFeatures
  let octaves: Int

  init(_ width: Int, _ kind: OverlapFeatures) {
    self.width = width
    self.kind = kind
    octaves = kind == .standard && width > 1 && width & (width &- 1) == 0 ? width.trailingZeroBitCount : 0
  }

  var count: Int { kind == .given ? width : 2 &* width &+ octaves }

  func write(_ x: UnsafePointer<Double>, to target: UnsafeMutablePointer<Double>) {
    target.update(from: x, count: width)
    guard kind == .standard else { return }
    let squares = target + width
    // The squares' room first serves the Haar transform, whose sums stand in front of its differences.
    squares.update(from: x, count: width)
    var (length, octave) = (width, octaves)
    while octave > 0 {
      length /= 2
      octave = octave &- 1
      var energy = 0.0
      for place in 0..<length {
        let (a, b) = (squares[2 &* place], squares[2 &* place &+ 1])
        energy += 0.5 * (a - b) * (a - b)
        squares[place] = (a + b) * 0.70710678118654752440
      }
      target[2 &* width &+ octave] = logarithm(energy / Double(length) + 1e-30)
    }
    for place in 0..<width { squares[place] = x[place] * x[place] }
  }
}
