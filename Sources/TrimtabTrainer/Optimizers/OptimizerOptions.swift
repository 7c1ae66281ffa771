public import Trimtab

/// How parameters follow their gradients; the defaults and the meaning of every number are PyTorch's.
///
/// With g the gradient (and for all but AdamW g + weightDecay · w in its place), and eta the learning rate:
///
/// | kind | step |
/// |---|---|
/// | sgd | w -= eta g |
/// | heavyBall | m = momentum · m + g, w -= eta m |
/// | nesterov | m as before, w -= eta (g + momentum · m) |
/// | adam | m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2, w -= eta m^ / (sqrt(v^) + epsilon) |
/// | adamW | w *= 1 - eta · weightDecay, then as adam |
/// | rmsProp | v = smoothing · v + (1 - smoothing) g^2, w -= eta g / (sqrt(v) + epsilon) |
///
/// m^ = m / (1 - beta1^t) and v^ = v / (1 - beta2^t) at step t, the first being 1. Sources: Polyak 1964; Kingma & Ba
/// 2015; Loshchilov & Hutter 2019; Tieleman & Hinton 2012; torch.optim. Since: 0.3.
public struct OptimizerOptions: Sendable, Equatable {
  public enum Kind: Int32, Sendable {
    case sgd = 0
    case heavyBall = 1
    case nesterov = 2
    case adam = 3
    case adamW = 4
    case rmsProp = 5
  }

  public var kind: Kind
  public var learningRate: Double
  public var momentum = 0.9
  public var beta1 = 0.9
  public var beta2 = 0.999
  /// Above 0, where PyTorch takes 0 too and gives NaN for a weight whose gradient was always 0.
  public var epsilon = 1e-8
  /// What RMSProp keeps of its mean of squares.
  public var smoothing = 0.99
  public var weightDecay = 0.0

  public init(_ kind: Kind, learningRate: Double) {
    self.kind = kind
    self.learningRate = learningRate
  }

  /// - Parameter precision: in which `epsilon` must be above 0: where a gradient has always been 0, nothing else is
  ///   divided by.
  /// - Throws: `invalidArgument`, also for what the kind does not use.
  public func check(_ precision: Precision = .float64) throws(TrimtabError) {
    try checkSize("options.learning_rate", learningRate)
    try checkShare("options.momentum", momentum)
    try checkShare("options.beta1", beta1)
    try checkShare("options.beta2", beta2)
    guard precision == .float32 ? Float(epsilon) > 0 : epsilon > 0, epsilon < .infinity else {
      throw TrimtabError(
        .invalidArgument, "options.epsilon: found %, allowed finite above 0 in the trainer's precision", epsilon)
    }
    try checkShare("options.smoothing", smoothing)
    try checkSize("options.weight_decay", weightDecay)
  }

  func write(to writer: inout StateWriter) {
    writer.write(learningRate)
    writer.write(momentum)
    writer.write(beta1)
    writer.write(beta2)
    writer.write(epsilon)
    writer.write(smoothing)
    writer.write(weightDecay)
  }

  /// All but the kind.
  mutating func read(from reader: inout StateReader) throws(TrimtabError) {
    learningRate = try reader.readDouble()
    momentum = try reader.readDouble()
    beta1 = try reader.readDouble()
    beta2 = try reader.readDouble()
    epsilon = try reader.readDouble()
    smoothing = try reader.readDouble()
    weightDecay = try reader.readDouble()
    try check()
  }

  var usesMean: Bool { kind != .sgd && kind != .rmsProp }
  var usesSquares: Bool { kind == .adam || kind == .adamW || kind == .rmsProp }
}

@inline(never)
func checkShare(_ name: StaticText, _ found: Double) throws(TrimtabError) {
  guard found >= 0, found < 1 else {
    throw TrimtabError(.invalidArgument, "%: found %, allowed 0 to less than 1", name, found)
  }
}

@inline(never)
func checkSize(_ name: StaticText, _ found: Double) throws(TrimtabError) {
  guard found >= 0, found < .infinity else {
    throw TrimtabError(.invalidArgument, "%: found %, allowed 0 or more, finite", name, found)
  }
}
