/// A layer or a parameter, as it is registered.
public struct MonitorEntry: Sendable, Equatable {
  public var role = Role.weight
  /// Of a layer: the activation that follows; nil: none or unknown, units are not judged.
  public var activation: Activation?
  /// Not meant to train.
  public var isFrozen = false
  /// An optimizer holds it all the same.
  public var isHeld = false
  /// Zero gradient by construction: a bias before a normalisation, an attention key bias.
  public var hasZeroGradient = false
  /// Of a layer's pre-activations, as in `ActivityOptions`.
  public var unitAxis = -1
  /// Topological: 0 is next to the input; equal numbers are one place.
  public var order = 0
  /// Units; 0: unknown.
  public var width = 0

  public init(role: Role = .weight) { self.role = role }

  func check() throws(TrimtabError) {
    guard order >= 0 else {
      throw TrimtabError(.invalidArgument, "entry.order: found %, allowed 0 or more", order)
    }
    guard width >= 0 else {
      throw TrimtabError(.invalidArgument, "entry.width: found %, allowed 0 or more", width)
    }
    guard unitAxis >= -1, unitAxis < Extents.capacity else {
      throw TrimtabError(
        .invalidArgument, "entry.unit_axis: found %, allowed -1 to %", unitAxis, Extents.capacity &- 1)
    }
  }
}

/// What was seen of one quantity of an entry.
struct Look: BitwiseCopyable {
  /// Of the step in which it was last seen, all its observations together.
  var summary = Summary()
  var rank = 0
  /// Of the first axis, and of all others together; 0: not known.
  var rows = 0
  var columns = 0
  /// The step, counted from 1, in which it was last seen; 0: never.
  var stamp = 0
  var lookCount = 0
  /// The greatest finite value of the element type; infinite where it is not known.
  var typeLimit = Double.infinity
  /// Of an eight-bit type: the share of elements at that value. NaN where it was not counted.
  var limitShare = Double.nan
  /// The greatest finite magnitudes of the looks before, newest last.
  var before = SIMD4<Double>(repeating: .nan)

  var rootMeanSquare: Double {
    summary.finiteCount > 0 ? summary.l2Norm / Double(summary.finiteCount).squareRoot() : 0
  }
  var meanMagnitude: Double { summary.finiteCount > 0 ? summary.l1Norm / Double(summary.finiteCount) : 0 }

  mutating func add(_ other: Summary, rank: Int, stamp: Int) {
    if self.stamp == stamp {
      summary.combine(other)
      summary.derive()
    } else {
      if self.stamp > 0 {
        before = SIMD4(before[1], before[2], before[3], summary.greatestMagnitude)
      }
      summary = other
      self.stamp = stamp
      lookCount = lookCount &+ 1
    }
    self.rank = max(rank, 0)
  }
}

/// How large the gradient of an entry usually is, and ever was.
struct GradientPace: BitwiseCopyable {
  private var usual = 0.0
  private var greatest = 0.0

  mutating func add(_ mean: Double) {
    guard mean.isFinite else { return }
    usual += 0.1 * (mean - usual)
    greatest = max(greatest, mean)
  }

  func wasHealthy(tiny: Double) -> Bool { greatest > 100 * tiny }

  /// Whether it was once healthy and became small little by little, as in a branch that weight decay takes out of use.
  /// What breaks falls at once, or was so from the start.
  func isFading(_ mean: Double, tiny: Double) -> Bool {
    wasHealthy(tiny: tiny) && (mean > 0.003 * usual || usual < 10 * tiny)
  }
}

/// How far one rule has come with one entry.
struct RuleRecord: BitwiseCopyable {
  /// Bad looks in a row.
  var streak = 0
  /// The finding, one more than its index; 0: none.
  var finding = 0
  /// The step, counted from 1, of the last look.
  var stamp = 0
}

/// What a monitor keeps of one entry. All memory is had when it is made, but for the units of a layer and the sample of
/// a weight.
final class Watched {
  static let longestName = 512

  let entry: MonitorEntry
  let index: Int
  /// UTF-8, a zero byte after it.
  let name: Storage<UInt8>
  /// Bits of the rules that keep silent.
  var silenced: UInt64
  let looks: Storage<Look>
  let records: Storage<RuleRecord>
  var units: UnitWatch?
  var sample: WeightSample?
  var spectrum: SpectralWatch?
  var attention: AttentionWatch?
  var clipping = TensorClipping()
  var widths = WidthProfile()
  /// The greatest rms(change) / rms(weight) of a step so far.
  var greatestChange = 0.0
  /// Its first steps are many times what it then is, and no sign of a rate.
  var isZeroAtStart = false
  /// Of late, and by learning rate.
  var recentChange = 0.0
  /// Changes seen since the first look, or since all of it changed at once.
  var changeCount = 0
  var pace = GradientPace()
  /// The root mean square of the pre-activations, or of what a layer without them was shown by, in the first look; NaN before it.
  var firstScale = Double.nan
  /// The share of units that fired on no sample of the first look, as the layer shows it or its bias's gradient; NaN before
  /// it.
  var firstDeadShare = Double.nan

  /// - Parameter isIndiscriminate: no rule is silent by what the entry is, as the published ones are not.
  init(
    _ entry: MonitorEntry, index: Int, name: UnsafeBufferPointer<UInt8>, isIndiscriminate: Bool
  ) throws(TrimtabError) {
    self.entry = entry
    self.index = index
    self.name = try Storage(count: name.count &+ 1, for: "name")
    if let base = name.baseAddress { self.name.pointer.update(from: base, count: name.count) }
    looks = try Storage(count: Quantity.count, for: "entry")
    for place in 0..<Quantity.count { looks.pointer[place] = Look() }
    records = try Storage(count: Rule.count, for: "entry")
    silenced = 0
    if !isIndiscriminate { silenced = Watched.silentRules(of: entry) }
    units = nil
    sample = nil
    spectrum = nil
    attention = nil
  }

  /// What is silent by what the entry is.
  private static func silentRules(of entry: MonitorEntry) -> UInt64 {
    var bits: UInt64 = 0
    if entry.isFrozen {
      bits |= Rule.vanishingGradient.bit | Rule.zeroGradient.bit | Rule.missingGradient.bit | Rule.updateRatio.bit
      if !entry.isHeld { bits |= Rule.unchangedParameter.bit }
    }
    if entry.hasZeroGradient || entry.role == .bias || entry.role == .normalisation {
      bits |= Rule.vanishingGradient.bit | Rule.updateRatio.bit | Rule.spectralNorm.bit | Rule.rankCollapse.bit
    }
    if entry.hasZeroGradient { bits |= Rule.zeroGradient.bit | Rule.unchangedParameter.bit }
    if entry.role == .embedding {
      bits |= Rule.updateRatio.bit | Rule.vanishingGradient.bit | Rule.unchangedParameter.bit
    }
    if entry.role == .output {
      bits |= Rule.deadUnits.bit | Rule.dormantUnits.bit | Rule.saturatedUnits.bit
      bits |= Rule.allZero.bit | Rule.activationScale.bit
    }
    return bits
  }

  func look(_ quantity: Quantity) -> UnsafeMutablePointer<Look> { looks.pointer + Int(quantity.rawValue) }

  func isSilent(_ rule: Rule) -> Bool { silenced & rule.bit != 0 }

  func matches(_ other: UnsafeBufferPointer<UInt8>) -> Bool {
    guard other.count == name.count &- 1 else { return false }
    for place in 0..<other.count where other[place] != name.pointer[place] { return false }
    return true
  }
}
