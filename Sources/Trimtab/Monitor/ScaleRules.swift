/// log2 mean |x| of one layer over log2 of its width, from runs of several widths: the coordinate check of muP.
struct WidthProfile: BitwiseCopyable {
  private var count = 0.0
  private var places = 0.0
  private var squares = 0.0
  private var values = 0.0
  private var products = 0.0
  private var narrowest = Double.infinity
  private var widest = 0.0
  /// The step, counted from 1, that the points belong to.
  private(set) var stamp = 0

  mutating func add(width: Double, meanMagnitude: Double, stamp: Int) {
    if stamp != self.stamp { self = WidthProfile() }
    self.stamp = stamp
    guard meanMagnitude > 0 else { return }
    let place = decimalLogarithm(width)
    let value = decimalLogarithm(meanMagnitude)
    count += 1
    places += place
    squares += place * place
    values += value
    products += place * value
    narrowest = min(narrowest, width)
    widest = max(widest, width)
  }

  /// By least squares; NaN below three points, or where the widths are within a factor of two.
  var slope: Double {
    guard count >= 3, widest >= 2 * narrowest else { return .nan }
    return (products - places * values / count) / (squares - places * places / count)
  }
}

extension Monitor {
  /// Takes what a layer's mean |x| was in a run of another width after as many steps. With three widths at least, the
  /// entry's own included if it is known, the step's end judges the slope.
  ///
  /// - Throws: `invalidArgument` (no step is open, a parameter, a width below 1, a mean that is negative or not finite).
  public func observeWidth(_ index: Int, width: Int, meanMagnitude: Double) throws(TrimtabError) {
    guard isOpen else { throw TrimtabError(.invalidArgument, "monitor: found no open step, allowed within one") }
    let watched = try watched(index)
    guard watched.entry.role.kind == .layer else {
      throw TrimtabError(.invalidArgument, "entry: found a parameter, allowed a layer")
    }
    guard width > 0 else { throw TrimtabError(.invalidArgument, "width: found %, allowed 1 or more", width) }
    guard meanMagnitude >= 0, meanMagnitude < .infinity else {
      throw TrimtabError(.invalidArgument, "mean_magnitude: found %, allowed finite, 0 or more", meanMagnitude)
    }
    watched.widths.add(width: Double(width), meanMagnitude: meanMagnitude, stamp: serial)
  }

  /// Grows with width as under standard parametrisation, or shrinks; what attention logits and the output may do.
  func judgeWidth(_ watched: Watched) {
    guard watched.widths.stamp == serial else { return }
    if watched.entry.width > 0, let look = seen(watched, .output) ?? seen(watched, .preactivation) {
      watched.widths.add(
        width: Double(watched.entry.width), meanMagnitude: look.pointee.meanMagnitude, stamp: serial)
    }
    let slope = watched.widths.slope
    guard !slope.isNaN else { return }
    let settings = settings(of: .widthSlope)
    let mayShrink = watched.entry.role != .hidden
    let size = mayShrink ? slope : slope.magnitude
    judge(
      .widthSlope, watched,
      size > settings.warning
        ? Observation(
          rule: .widthSlope, verdict: size > settings.critical ? .critical : .warning, cause: .widthScaling,
          value: slope, threshold: size > settings.critical ? settings.critical : settings.warning,
          quantity: .output) : nil)
  }

  /// The least-squares line of log10 rms over the hidden layers, in steps in which all of them were looked at.
  func judgeActivationScale(_ sorted: Storage<Int>) {
    let settings = settings(of: .activationScale)
    guard settings.isEnabled, !tally.isNonfinite else { return }
    var profile = DepthProfile()
    for place in 0..<sorted.count {
      let watched = entries[sorted.pointer[place]]
      guard watched.entry.role == .hidden, !watched.isSilent(.activationScale) else { continue }
      guard let look = seen(watched, .preactivation) ?? seen(watched, .output) else {
        if watched.look(.preactivation).pointee.stamp > 0 || watched.look(.output).pointee.stamp > 0 { return }
        continue
      }
      profile.add(look.pointee.summary, isVanishing: false)
    }
    guard profile.depth >= 4 else { return }
    let slope = profile.slope
    // Gradients that slope with it are the same fault, and said already.
    // Six decades are too many over any number of layers, or of steps of a recurrence.
    let isWide = profile.span >= 6 && slope.magnitude <= settings.warning
    let isBad =
      (slope.magnitude > settings.warning && profile.span >= 2 || isWide) && !isStanding(.vanishingGradient, run)
      && !isStanding(.explodingGradient, run)
    let isCritical = slope.magnitude > settings.critical
    judge(
      .activationScale, run,
      isBad
        ? Observation(
          rule: .activationScale, verdict: isCritical ? .critical : .warning,
          cause: slope < 0 && isInputLarge
            ? .unscaledInput
            : blamingMoves(slope > 0 ? .largeInitialisation : .smallInitialisation, since: .activationScale),
          value: isWide ? profile.span : slope,
          threshold: isWide ? 6 : isCritical ? settings.critical : settings.warning) : nil)
  }
}
