import ArgumentParser
import TrimtabTrainer

enum LossName: String, ExpressibleByArgument, CaseIterable {
  case crossEntropy = "cross-entropy"
  case binaryCrossEntropy = "binary-cross-entropy"
  case squared
  case halfSquared = "half-squared"
  case absolute, huber

  var loss: Loss {
    switch self {
    case .crossEntropy: .crossEntropy
    case .binaryCrossEntropy: .binaryCrossEntropy
    case .squared: .squared
    case .halfSquared: .halfSquared
    case .absolute: .absolute
    case .huber: .huber
    }
  }
}

enum HiddenActivation: String, ExpressibleByArgument, CaseIterable {
  case relu
  case leakyRelu = "leaky_relu"
  case elu, silu, gelu, tanh, sigmoid, identity, selu, softplus

  var activation: LayerActivation {
    switch self {
    case .relu: .relu
    case .leakyRelu: .leakyRelu
    case .elu: .elu
    case .silu: .silu
    case .gelu: .gelu
    case .tanh: .tanh
    case .sigmoid: .sigmoid
    case .identity: .identity
    case .selu: .selu
    case .softplus: .softplus
    }
  }
}

/// Units of hidden layers as the command takes them: numbers with commas between; `none` for none.
struct HiddenUnits: CustomStringConvertible, Sendable {
  let counts: [Int]

  init(_ text: String) throws {
    if text == "none" {
      counts = []
      return
    }
    let cells = text.split(separator: ",", omittingEmptySubsequences: false)
    guard cells.count <= 64 else {
      throw ValidationError("found \(cells.count) layers, allowed none or 1 to 64")
    }
    counts = try cells.map { cell in
      guard let units = Int(cell.filter { $0 != " " }), (1...1 << 16).contains(units) else {
        throw ValidationError("found '\(cell)', allowed none, or 1 to 65536 units each, with commas between")
      }
      return units
    }
  }

  init(_ counts: [Int]) { self.counts = counts }

  var description: String { counts.map(String.init).joined(separator: ",") }
}
