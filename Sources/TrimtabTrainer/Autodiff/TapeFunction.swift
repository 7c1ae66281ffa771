public import Trimtab

/// The operations by number, for callers that are not Swift.
public enum TapeFunction: Int32, Sendable {
  case add = 0
  case subtract = 1
  case multiply = 2
  case divide = 3
  case product = 4
  case sum = 5
  case mean = 6
  case sumLast = 7
  case softmax = 8
  case logSoftmax = 9
  case constant = 10
  case gradient = 11
  case linear = 20
  case power = 21
  case exponential = 22
  case logarithm = 23
  case magnitude = 24
  case leaky = 25
  case elu = 26
  case silu = 27
  case gelu = 28
  case softplus = 29
  case tanh = 30
  case sigmoid = 31
  case huber = 32

  public var operandCount: Int {
    switch self {
    case .constant: 0
    case .add, .subtract, .multiply, .divide, .product, .gradient: 2
    default: 1
    }
  }
}

extension Tape {
  /// The value with an index.
  ///
  /// - Throws: `invalidArgument` outside.
  public func value(at index: Int) throws(TrimtabError) -> Value {
    guard nodes.at(index) != nil else {
      throw TrimtabError(.invalidArgument, "value: found %, allowed 0 to %", index, nodes.count &- 1)
    }
    return Value(index)
  }

  /// Records an operation by number; `operands` are as many as it takes.
  public func record(
    _ function: TapeFunction, _ operands: [Value], _ a: Double, _ b: Double
  ) throws(TrimtabError) -> Value {
    guard operands.count == function.operandCount else {
      throw TrimtabError(
        .invalidArgument, "operands: found %, allowed %", operands.count, function.operandCount)
    }
    let made = try recorded(function, operands, a, b)
    try check()
    return made
  }

  private func recorded(
    _ function: TapeFunction, _ operands: [Value], _ a: Double, _ b: Double
  ) throws(TrimtabError) -> Value {
    guard let x = operands.first else { return constant(a) }
    let y = operands[operands.count &- 1]
    switch function {
    case .add: return add(x, y)
    case .subtract: return subtract(x, y)
    case .multiply: return multiply(x, y)
    case .divide: return divide(x, y)
    case .product: return product(x, y)
    case .sum: return sum(x)
    case .mean: return mean(x)
    case .sumLast:
      let rank = shape(of: x).rank
      return rank == 0 ? x : sum(x, over: 1 << UInt32(rank &- 1))
    case .softmax: return softmax(x)
    case .logSoftmax: return logSoftmax(x)
    case .gradient:
      let found = try gradients(of: x, for: [y]).first ?? .none
      return found.isNone ? scale(y, by: 0) : found
    default:
      guard let kind = ElementFunction.Kind(rawValue: UInt8(truncatingIfNeeded: function.rawValue &- 20)) else {
        throw TrimtabError(.invalidArgument, "operation: found %, allowed one that is known", function.rawValue)
      }
      return apply(ElementFunction(kind, a: a, b: b), x)
    }
  }
}
