/// Why units died, by majority of what each dead unit's pre-activations look like.
///
/// With depth = -mean / standard deviation of the unit's own pre-activations:
/// - thrown: depth of 6 or more, or a spread above 1e6. A unit that is driven by its inputs seldom lies so far below
///   zero beside its own spread; one large step, or the death of the layer before (which leaves a constant), puts it
///   there. Cause: learning rate.
/// - driven: shallow, but with a spread above 10. Unit-scale inputs under He or Xavier initialisation give a spread
///   near 1. Cause: unscaled input.
/// - shallow: everything else, just below zero with a normal spread. Cause: negative bias.
/// - silent: exactly 0 on every sample, so nothing arrives at all. Cause: silent input.
///
/// What it was set on: in digits networks the dead units of healthy runs have depth 2.6 to 4.6 and spread 0.3 to 0.6;
/// of those killed by a learning rate of 1.0 a median depth of 7.9 and 5800; those of a network on unscaled wine
/// features depth 1.8 to 3.7 and spread 39 to 4e2. A bias far below the spread of its unit cannot be told from a step
/// that put it there.
struct DeathCauses {
  static let thrownDepth = 6.0
  static let drivenSpread = 10.0
  static let brokenSpread = 1e6

  private var thrown = 0
  private var driven = 0
  private var shallow = 0
  private var silent = 0

  mutating func add(_ record: UnitRecord) {
    let deviation = record.deviation
    if record.minimum == 0 && record.maximum == 0 {
      silent = silent &+ 1
    } else if -record.mean >= DeathCauses.thrownDepth * deviation || deviation > DeathCauses.brokenSpread {
      thrown = thrown &+ 1
    } else if deviation > DeathCauses.drivenSpread {
      driven = driven &+ 1
    } else {
      shallow = shallow &+ 1
    }
  }

  /// As `add`; but a unit that fell by 6 of its former standard deviations was thrown, wherever it lies now.
  mutating func add(_ record: UnitRecord, before: UnitRecord) {
    if before.mean - record.mean >= DeathCauses.thrownDepth * before.deviation && before.deviation > 0 {
      thrown = thrown &+ 1
    } else {
      add(record)
    }
  }

  var likeliest: Cause {
    let most = max(thrown, driven, shallow, silent)
    guard most > 0 else { return .none }
    if most == thrown { return .learningRateTooHigh }
    if most == driven { return .unscaledInput }
    return most == shallow ? .negativeBias : .silentInput
  }
}

extension Activity {
  /// Why the dead units seen so far died, however few samples there are; `none` without a dead unit.
  var causeOfDeath: Cause {
    var causes = DeathCauses()
    for unit in 0..<unitCount {
      let record = record(unit)
      if record.isDead { causes.add(record) }
    }
    return causes.likeliest
  }
}
