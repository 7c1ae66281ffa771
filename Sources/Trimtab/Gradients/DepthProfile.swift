/// Root mean squares of a run of tensors against their place in it: the least-squares line through log10 rms, without
/// keeping the points.
struct DepthProfile {
  /// Tensors with elements, whatever their values.
  private(set) var tensorCount = 0
  private(set) var zeroCount = 0
  /// Not zero throughout, yet mean |g| below the threshold.
  private(set) var vanishingCount = 0
  /// Points of the line: tensors whose finite values are not all zero.
  private(set) var depth = 0
  /// log10 rms: greatest of all, least of those that vanish.
  private var greatestLogarithm = -Double.infinity
  private var leastVanishingLogarithm = Double.infinity
  private var firstLogarithm = 0.0
  private var lastLogarithm = 0.0
  private var firstPlace = 0
  private var lastPlace = 0
  private var placeSum = 0.0
  private var placeSquareSum = 0.0
  private var logarithmSum = 0.0
  private var productSum = 0.0

  @inline(never)
  mutating func add(_ summary: Summary, isVanishing: Bool) {
    let place = tensorCount
    tensorCount = tensorCount &+ 1
    guard summary.finiteCount > 0 else { return }
    guard summary.scaledSquareSum > 0 else {
      if summary.nonfiniteCount == 0 { zeroCount = zeroCount &+ 1 }
      return
    }
    let logarithm = log10RootMeanSquare(summary)
    greatestLogarithm = max(greatestLogarithm, logarithm)
    if isVanishing {
      vanishingCount = vanishingCount &+ 1
      leastVanishingLogarithm = min(leastVanishingLogarithm, logarithm)
    }
    if depth == 0 {
      firstLogarithm = logarithm
      firstPlace = place
    }
    lastLogarithm = logarithm
    lastPlace = place
    depth = depth &+ 1
    placeSum += Double(place)
    placeSquareSum += Double(place) * Double(place)
    logarithmSum += logarithm
    productSum += Double(place) * logarithm
  }

  /// Decades per layer; 0 with fewer than two points.
  @inline(never)
  var slope: Double {
    guard depth >= 2 else { return 0 }
    let points = Double(depth)
    let spread = placeSquareSum - placeSum * placeSum / points
    return spread > 0 ? (productSum - placeSum * logarithmSum / points) / spread : 0
  }

  /// Decades that the line covers from its first to its last point.
  var span: Double { slope.magnitude * Double(lastPlace &- firstPlace) }

  /// Whether a tensor that vanishes has an rms below `share` of the greatest.
  func hasVanished(below share: Double) -> Bool {
    vanishingCount > 0 && leastVanishingLogarithm < greatestLogarithm + decimalLogarithm(share)
  }

  /// Rms of the first over rms of the last point; 0 without points.
  var ratio: Double { depth == 0 ? 0 : exponential((firstLogarithm - lastLogarithm) * logarithm(10)) }
}

/// log10 sqrt(sum x² / n), from the scaled sum: right where the squares leave float64.
func log10RootMeanSquare(_ summary: Summary) -> Double {
  0.5 * decimalLogarithm(summary.scaledSquareSum / Double(summary.finiteCount))
    + Double(summary.scaleExponent) * decimalLogarithm(2)
}
