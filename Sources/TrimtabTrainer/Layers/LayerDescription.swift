internal import Trimtab

/// One layer of a net, as the user describes it.
///
/// Arrays begin with the batch and end with the features: dense input is (batch, ..., features), images are (batch,
/// height, width, channels), sequences (batch, time, features), graphs (nodes, features), tokens (batch, time).
public struct LayerDescription: Sendable {
  public enum Kind: Int32, Sendable {
    case dense = 0
    case convolution = 1
    case graphConvolution = 2
    case embedding = 3
    case gru = 4
    case attention = 5
    case activation = 6
    case normalisation = 7
    case dropout = 8
    case maximumPooling = 9
    case meanPooling = 10
    case upsampling = 11
    case flatten = 12
    case timeMean = 13
  }

  public enum Normalisation: Int32, Sendable {
    /// Over all but the features; a running mean and variance stand in where nothing trains.
    case batch = 0
    /// Over the features of each position.
    case layer = 1
    /// Over the positions of each sample and feature.
    case instance = 2
    /// Over the positions and a group of features of each sample.
    case group = 3
    /// Each row divided by a root of its standard deviation (NodeNorm, Zhou 2020).
    case node = 4
    /// Columns centred, then one scale for all rows (PairNorm, Zhao and Akoglu 2020).
    case pair = 5
    /// Each row divided by its length ("FeatureNorm", L2).
    case feature = 6
    /// Columns centred, then each row divided by its length (PairNorm-SI, Zhao and Akoglu 2020).
    case pairIndividual = 7
    /// Of each feature a learnt share of its mean is taken off, then it is divided by the root mean square of what is left
    /// (GraphNorm, Cai 2021).
    case graph = 8
  }

  public var kind: Kind
  /// Features that come out; of an embedding too.
  public var units = 0
  /// The side of a window, in positions; of upsampling the factor.
  public var kernel = 1
  public var stride = 1
  /// Positions of zeros around an image.
  public var padding = 0
  /// Attention heads, or groups of a normalisation.
  public var groups = 1
  /// Words of an embedding.
  public var words = 0
  public var normalisation = Normalisation.batch
  public var activation: LayerActivation?
  /// Below zero of a leaky ReLU, alpha of ELU.
  public var slope: Double?
  /// Of dropout the share that is left out; of a batch normalisation the share of a new batch in the running numbers; of
  /// NodeNorm the root.
  public var rate: Double?
  public var epsilon = 1e-5
  /// Of the weights; nil: He before ReLU and its kin, LeCun before SELU, else Xavier, for embeddings normal.
  public var initialiser: Initialiser.Kind?
  /// The initialiser's: a factor, or the number of `constant` and the deviation of `normal`.
  public var gain = 1.0
  public var hasBias = true
  /// Divides the weight by its largest singular value, from one step of a power iteration a training step.
  public var isSpectral = false
  /// Each time sees itself and the past alone.
  public var isCausal = false
  /// Normalises queries and keys over the features of a head before their product.
  public var normalisesQueries = false
  /// Of a GRU: gives every time step, not the last alone.
  public var givesSequence = false
  /// Adds what went in to what comes out.
  public var isResidual = false
  /// The slope of a leaky ReLU follows the trainer's leak schedule.
  public var isScheduled = false

  public init(_ kind: Kind) { self.kind = kind }
}

/// The activations of the trainer; the first eight as `Activation` numbers them.
public enum LayerActivation: Int32, Sendable {
  case relu = 0
  case leakyRelu = 1
  case elu = 2
  case silu = 3
  case gelu = 4
  case tanh = 5
  case sigmoid = 6
  case identity = 7
  case selu = 8
  case softplus = 9

  /// As a monitor knows it; nil where it judges no units.
  var watched: Activation? { self == .selu ? .elu : Activation(rawValue: rawValue) }

  /// - Parameter slope: below zero of a leaky ReLU (0.01), alpha of ELU (1)
  func function(slope: Double?) -> ElementFunction {
    switch self {
    case .relu: ElementFunction(.leaky, a: 0)
    case .leakyRelu: ElementFunction(.leaky, a: slope ?? 0.01)
    case .elu: ElementFunction(.elu, a: slope ?? 1, b: 1)
    case .silu: ElementFunction(.silu)
    case .gelu: ElementFunction(.gelu)
    case .tanh: ElementFunction(.tanh)
    case .sigmoid: ElementFunction(.sigmoid)
    case .identity: ElementFunction(.linear, a: 1)
    case .selu: .selu
    case .softplus: ElementFunction(.softplus)
    }
  }
}
