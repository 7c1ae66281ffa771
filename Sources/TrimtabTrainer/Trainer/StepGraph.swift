public import Trimtab

/// A net with its loss and gradients on a tape, for one batch size.
final class StepGraph {
  let net: NetworkGraph
  let batch: Int
  let target: Value
  let labels: PlaceTable?
  let loss: Value
  /// One for each parameter of the net; none where the loss does not depend on it.
  private(set) var gradients: [Value] = []

  var tape: Tape { net.tape }

  init(
    _ network: Network, _ options: TrainerOptions, batch: Int, isTraining: Bool,
    custom: Objective?, withGradients: Bool = true
  ) throws(TrimtabError) {
    net = try NetworkGraph(network, batch: batch, isTraining: isTraining)
    self.batch = batch
    let tape = net.tape
    let shape = tape.shape(of: net.output)
    if options.loss.takesLabels {
      guard shape.rank >= 2 else {
        throw TrimtabError(.shape, "layers: found an output of rank %, allowed (batch, ..., classes)", shape.rank)
      }
      let rows = shape.count / shape[-1]
      let table = try PlaceTable(count: rows, length: 1, groups: 1, extent: shape.count)
      for row in 0..<rows { table[row] = row &* shape[-1] }
      labels = table
      target = net.output
      loss = tape.crossEntropy(net.output, table)
    } else {
      labels = nil
      target = tape.leaf(shape)
      if options.loss == .custom {
        guard let custom else {
          throw TrimtabError(.invalidArgument, "options.objective: found NULL with the custom loss, allowed a callback")
        }
        loss = try custom(tape, [net.output, target])
        guard tape.shape(of: loss).count == 1, loss.index < tape.count else {
          throw TrimtabError(.shape, "loss: found % elements, allowed 1", tape.shape(of: loss).count)
        }
      } else {
        loss = tape.loss(options.loss, net.output, target)
      }
    }
    if isTraining, withGradients { gradients = try tape.gradients(of: loss, for: net.parameters) }
  }
}

/// A loss whose Hessian was recorded behind it.
final class Curvature {
  let graph: StepGraph
  let hessian: HessianOperator

  init(_ graph: StepGraph, _ hessian: HessianOperator) {
    self.graph = graph
    self.hessian = hessian
  }
}

/// A scalar made of operations on a tape: a user's loss. It throws to end the call.
public typealias Objective = (Tape, [Value]) throws(TrimtabError) -> Value
