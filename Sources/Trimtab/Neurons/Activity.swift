/// Which units of a layer are dead, dormant or saturated, over all samples seen.
///
/// - Source: Sokar et al. 2023 (dormancy); SageMaker Debugger's DeadRelu and SaturatedActivation. Since 0.1.
public final class Activity {
  public let options: ActivityOptions
  /// Samples a unit has been shown, those with NaN or Inf included.
  public private(set) var sampleCount = 0
  private(set) var units: UnitStatistics?

  /// - Throws: `invalidArgument`.
  public init(options: ActivityOptions = ActivityOptions()) throws(TrimtabError) {
    try options.validate()
    self.options = options
  }

  /// Units of the layer; 0 before the first `add`.
  public var unitCount: Int { units?.count ?? 0 }

  /// Adds a batch of pre-activations; the first one fixes the number of units. On failure nothing has changed.
  ///
  /// - Parameter preactivations: floating point, rank 1 or more; `options.unitAxis` names the axis of the units, all
  ///   others are samples.
  /// - Throws: `dtype`, `shape`, `overflow`, `invalidArgument` (the unit axis), `outOfMemory`.
  /// - Complexity: one read of the elements; 64 bytes a unit.
  public func add(_ preactivations: TensorView) throws(TrimtabError) { try add(preactivations, scratch: nil) }

  /// Forgets all samples; the number of units stays.
  func clear() {
    sampleCount = 0
    units?.clear()
  }

  func add(_ preactivations: TensorView, scratch: UnitScratch?) throws(TrimtabError) {
    let samples = try withUnitsLast(preactivations)
    let found = samples.shape[samples.rank &- 1]
    if let units, units.count != found {
      throw TrimtabError(.shape, "preactivations: found % units, allowed % as in the first batch", found, units.count)
    }
    let rows = samples.sampleCount
    let (total, overflow) = sampleCount.addingReportingOverflow(rows)
    guard !overflow else { throw TrimtabError(.overflow, "preactivations: the number of samples leaves 64 bits") }
    let units = try records(found, "preactivations")
    let accumulation = try UnitAccumulation(samples: samples, unitCount: found, options: options)
    if let runs = try UnitRuns(preactivations, unitAxis: options.unitAxis) {
      try accumulation.run(runs, into: units, scratch)
    } else {
      try accumulation.run(into: units, scratch)
    }
    self.units = units
    sampleCount = total
  }

  private func records(_ count: Int, _ name: StaticText) throws(TrimtabError) -> UnitStatistics {
    if let units { return units }
    return try UnitStatistics(count: count, name: name)
  }

  private func withUnitsLast(_ tensor: TensorView) throws(TrimtabError) -> TensorView {
    guard tensor.elementType.isFloatingPoint else {
      throw TrimtabError(.dtype, "preactivations: found %, allowed floating point", tensor.elementType.name)
    }
    guard tensor.rank >= 1 else {
      throw TrimtabError(.shape, "preactivations: found rank 0, allowed 1 to %", Extents.capacity)
    }
    guard options.unitAxis < tensor.rank else {
      throw TrimtabError(
        .invalidArgument,
        "options.unit_axis: found %, allowed -1 to % for this tensor", options.unitAxis, tensor.rank - 1)
    }
    let axis = options.unitAxis < 0 ? tensor.rank &- 1 : options.unitAxis
    return try tensor.movingAxisLast(axis, name: "preactivations")
  }

  /// Adds what `other` has seen of the same layer. On failure nothing has changed.
  ///
  /// - Throws: `mismatch` (units, activation, leak or saturation bounds), `overflow`, `outOfMemory`.
  public func merge(_ other: Activity) throws(TrimtabError) {
    guard options.activation == other.options.activation, options.leak == other.options.leak,
      options.saturationBounds == other.options.saturationBounds
    else {
      throw TrimtabError(
        .mismatch, "other: found another activation, leak or saturation bounds, allowed the same as in neurons")
    }
    guard let theirs = other.units else { return }
    if let units, units.count != theirs.count {
      throw TrimtabError(.mismatch, "other: found % units, allowed % as in neurons", theirs.count, units.count)
    }
    let (total, overflow) = sampleCount.addingReportingOverflow(other.sampleCount)
    guard !overflow else { throw TrimtabError(.overflow, "other: the number of samples leaves 64 bits") }
    let units = try records(theirs.count, "other")
    units.merge(theirs)
    self.units = units
    sampleCount = total
  }

  /// The share of a unit's finite samples on which it is active; 0 for an unseen unit.
  public func activeFraction(of unit: Int) -> Double { record(unit).activeFraction }

  /// mean |output| of the unit over (the mean of that over all seen units + 1e-9).
  public func dormancyScore(of unit: Int) -> Double { record(unit).meanOutput / (layerMeanOutput + 1e-9) }

  /// What a unit is.
  public func flags(of unit: Int) -> UnitFlags { flags(of: unit, layerMeanOutput: layerMeanOutput) }

  /// Copies out what is known of each unit; each pointer holds `unitCount` elements or is nil.
  public func copyUnits(
    activeFraction: UnsafeMutablePointer<Double>?, dormancyScore: UnsafeMutablePointer<Double>?,
    flags: UnsafeMutablePointer<UInt8>?
  ) {
    let layerMean = layerMeanOutput
    for unit in 0..<unitCount {
      let record = record(unit)
      activeFraction?[unit] = record.activeFraction
      dormancyScore?[unit] = record.meanOutput / (layerMean + 1e-9)
      flags?[unit] = self.flags(of: unit, layerMeanOutput: layerMean).rawValue
    }
  }

  /// Writes 1 for a dead unit and 0 for any other; `dead` holds `unitCount` bytes.
  public func copyDead(to dead: UnsafeMutablePointer<UInt8>) {
    for unit in 0..<unitCount { dead[unit] = record(unit).isDead ? 1 : 0 }
  }

  func record(_ unit: Int) -> UnitRecord { units?[unit] ?? UnitRecord() }

  /// The mean over the seen units of mean |output|, in a form that cannot overflow.
  var layerMeanOutput: Double {
    var mean = 0.0
    var seen = 0.0
    for unit in 0..<unitCount {
      let record = record(unit)
      guard record.isSeen else { continue }
      seen += 1
      mean += (record.meanOutput - mean) / seen
    }
    return mean
  }

  func flags(of unit: Int, layerMeanOutput: Double) -> UnitFlags {
    let record = record(unit)
    guard record.isSeen else { return .unseen }
    var flags = UnitFlags()
    if record.isDead { flags.insert(.dead) }
    if record.activeFraction < options.inactiveFraction { flags.insert(.inactive) }
    if record.meanOutput / (layerMeanOutput + 1e-9) <= options.dormantThreshold { flags.insert(.dormant) }
    if record.saturatedCount > 0 && record.saturatedFraction >= options.saturatedFraction { flags.insert(.saturated) }
    return flags
  }

  public static let stateVersion: UInt32 = 1

  init(options: ActivityOptions, sampleCount: Int, units: UnitStatistics?) {
    self.options = options
    self.sampleCount = sampleCount
    self.units = units
  }
}

/// What a unit is; the bits of the C contract.
public struct UnitFlags: OptionSet, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Never active, and at least one finite sample seen.
  public static let dead = UnitFlags(rawValue: 1)
  public static let inactive = UnitFlags(rawValue: 2)
  public static let dormant = UnitFlags(rawValue: 4)
  public static let saturated = UnitFlags(rawValue: 8)
  /// No finite sample.
  public static let unseen = UnitFlags(rawValue: 16)
}

extension TensorView {
  /// The same elements with one axis moved to the end, all others in their order.
  func movingAxisLast(_ axis: Int, name: StaticText) throws(TrimtabError) -> TensorView {
    var shape = Extents()
    var strides = Extents()
    var place = 0
    for other in 0..<rank where other != axis {
      shape[place] = self.shape[other]
      strides[place] = self.strides[other]
      place = place &+ 1
    }
    shape[place] = self.shape[axis]
    strides[place] = self.strides[axis]
    return try TensorView(
      base: base, elementType: elementType, rank: rank, shape: shape, strides: strides, name: name)
  }

  /// The product of all extents but the last; checked for overflow when the view was made, unless an extent is 0.
  var sampleCount: Int {
    var product = 1
    for axis in 0..<(rank &- 1) { product = product.multipliedReportingOverflow(by: shape[axis]).partialValue }
    return product
  }
}

/// Counts dead, inactive, dormant and saturated units of a layer.
///
/// - Throws: as `Activity.add`.
public func deadNeurons(
  in preactivations: TensorView, options: ActivityOptions = ActivityOptions()
) throws(TrimtabError) -> ActivityReport {
  let activity = try Activity(options: options)
  try activity.add(preactivations)
  return activity.report()
}
