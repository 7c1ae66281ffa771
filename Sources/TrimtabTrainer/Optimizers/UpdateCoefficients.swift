/// The one form that all optimizers are cases of, with the numbers of one step:
///
///     g = factor · gradient + decay · w
///     m = keep · m + gain · g                      the mean, where there is one, then takes the gradient's place;
///     s = g + keep · m for Nesterov                s is that, or g
///     v = keepSquares · v + gainSquares · g · g    where there is one:
///     s = s / (sqrt(v) · inverseRoot + epsilon)
///     w = shrink · w - rate · s
struct UpdateCoefficients: BitwiseCopyable {
  var factor = 1.0
  var decays = false
  private(set) var usesMean = false
  private(set) var usesSquares = false
  private(set) var inverseRoot = 1.0
  private var looksAhead = false
  private var decay = 0.0
  private var shrink = 1.0
  private var keep = 0.0
  private var gain = 1.0
  private var keepSquares = 0.0
  private var gainSquares = 1.0
  private var epsilon = 0.0
  private var rate = 0.0

  /// Changes nothing.
  init() {}

  /// Of step `step`, which begins with 1; before that, nothing is changed.
  init(_ options: OptimizerOptions, _ step: Int) {
    guard step > 0 else { return }
    usesMean = options.usesMean
    usesSquares = options.usesSquares
    looksAhead = options.kind == .nesterov
    rate = options.learningRate
    epsilon = options.epsilon
    if options.kind == .adamW {
      shrink = 1 - rate * options.weightDecay
    } else {
      decay = options.weightDecay
    }
    keep = options.momentum
    if options.kind == .rmsProp { keepSquares = options.smoothing }
    if usesMean && usesSquares {
      keep = options.beta1
      gain = 1 - keep
      rate /= 1 - wholePower(keep, step)
      keepSquares = options.beta2
      inverseRoot = 1 / (1 - wholePower(keepSquares, step)).squareRoot()
    }
    gainSquares = 1 - keepSquares
  }

  /// Of `count` elements, a multiple of eight.
  func run<L: ElementLanes>(
    _ parameters: UnsafeMutableRawPointer, _ gradient: UnsafeRawPointer, _ mean: UnsafeMutableRawPointer,
    _ squares: UnsafeMutableRawPointer, _ count: Int, _ lanes: L.Type
  ) {
    @inline(__always) func all(_ value: Double) -> L { L.splat(L.narrow(value)) }
    let w = parameters.assumingMemoryBound(to: L.Element.self)
    let gradients = gradient.assumingMemoryBound(to: L.Element.self)
    let m = mean.assumingMemoryBound(to: L.Element.self)
    let v = squares.assumingMemoryBound(to: L.Element.self)
    let addsDecay = decays && decay > 0
    let (factor, decay, shrink) = (all(factor), all(decay), all(decays ? shrink : 1))
    let (keep, gain, rate) = (all(keep), all(gain), all(rate))
    let (keepSquares, gainSquares) = (all(keepSquares), all(gainSquares))
    let (inverseRoot, epsilon) = (all(inverseRoot), all(epsilon))
    var index = 0
    while index &+ 8 <= count {
      let weight = L.load(w + index)
      var g = L.load(gradients + index).times(factor)
      if addsDecay { g = g.plus(weight.times(decay)) }
      var step = g
      if usesMean {
        step = L.load(m + index).times(keep).plus(g.times(gain))
        step.store(m + index)
        if looksAhead { step = g.plus(step.times(keep)) }
      }
      if usesSquares {
        var square = L.load(v + index).times(keepSquares).plus(g.times(gainSquares).times(g))
        square.store(v + index)
        takeRoots(&square, 8)
        step = step.over(square.times(inverseRoot).plus(epsilon))
      }
      weight.times(shrink).minus(step.times(rate)).store(w + index)
      index = index &+ 8
    }
  }
}

/// One root after the other: the vector's own are no vector instructions, only eight times the code.
@inline(never)
private func takeRoots<L: ElementLanes>(_ lanes: inout L, _ count: Int) {
  withUnsafeMutableBytes(of: &lanes) { bytes in
    guard let base = bytes.baseAddress?.assumingMemoryBound(to: L.Element.self) else { return }
    for index in 0..<max(count, 0) { base[index] = L.narrow(L.widen(base[index]).squareRoot()) }
  }
}

/// x^exponent, 1 for exponents below 1, within exponent / 2 units in the last place. Complexity: O(log exponent).
func wholePower(_ x: Double, _ exponent: Int) -> Double {
  var product = 1.0
  var square = x
  var rest = max(exponent, 0)
  while rest > 0 {
    if rest & 1 == 1 { product *= square }
    square *= square
    rest >>= 1
  }
  return product
}
