public import Trimtab

/// The Hessian H of a scalar on a tape with respect to parameters, as a product with vectors.
///
/// H v is the gradient of sum_i <g_i, v_i>, g_i being the gradient for parameter i (Pearlmutter's product): exact to
/// rounding, also on networks with kinks, where differences of gradients step over kinks and can be several times off.
/// At a kink itself it takes the derivative from the left, as the tape does.
///
/// All is recorded once, behind what the tape holds: gradient, one leaf a parameter for the vector, and the product. A
/// tape that is also trained on would compute the product in each of its replays; let the Hessian have a tape of its
/// own. Batch normalisation ties samples together: use the same fixed batch for every product.
///
/// Vectors are the flat concatenation of the parameters in the order given, each row-major, in float64; on a float32
/// tape they are rounded on the way in. A parameter given twice is two parameters of the same gradient.
/// Complexity: recording takes the memory of about three times the scalar's own operations; a product the time of about
/// two gradients. Source: Pearlmutter 1994, Fast exact multiplication by the Hessian. Since: 0.3.
public final class HessianOperator {
  /// The length of the vectors: elements of all parameters.
  public let order: Int
  /// The gradient for each parameter, which stands on the tape too; nil for one that the scalar does not depend on.
  public let gradients: [Value?]
  private let tape: Tape
  private let products: [Value?]
  /// Where the leaves for the vector begin on the tape, one for each parameter.
  private let start: Int

  /// Records gradient and product of the scalar `loss`.
  ///
  /// - Parameters:
  ///   - tape: of either precision
  ///   - loss: of one element
  ///   - parameters: leaves of any shapes; none makes an operator of order 0
  /// - Throws: `shape` where the loss is not one number, `invalidArgument` for a value of another tape and for a
  ///   derivative of an order that is not written out, `outOfMemory`.
  public init(_ tape: Tape, loss: Value, parameters: [Value]) throws(TrimtabError) {
    self.tape = tape
    gradients = try tape.gradients(of: loss, for: parameters)
    start = tape.count
    var order = 0
    for parameter in parameters { order = order &+ tape.shape(of: try tape.leaf(try tape.node(parameter).shape)).count }
    self.order = order
    var total: Value?
    for (offset, gradient) in gradients.enumerated() {
      guard let gradient else { continue }
      let part = try tape.sum(try tape.multiply(gradient, Value(start &+ offset)))
      total = if let total { try tape.add(total, part) } else { part }
    }
    products = if let total { try tape.gradients(of: total, for: parameters) } else { [] }
  }

  /// Computes the loss and its gradient again, after a change of the parameters or the batch.
  public func update() { tape.replay() }

  /// result = H v, at the parameters of the last `update` or replay of the tape.
  ///
  /// Only what was recorded from the vector on is computed. It is 0 for parameters whose gradient is constant.
  ///
  /// - Parameters:
  ///   - vector, result: `order` elements each; they may be the same memory.
  /// - Returns: whether every element of the result is finite.
  @discardableResult
  public func multiply(_ vector: UnsafePointer<Double>, into result: UnsafeMutablePointer<Double>) -> Bool {
    var place = 0
    for offset in 0..<gradients.count {
      guard let node = tape.nodes.at(start &+ offset) else { continue }
      let (memory, count) = (node.pointee.memory, node.pointee.count)
      if tape.precision == .float32 {
        let floats = memory.assumingMemoryBound(to: Float.self)
        for index in 0..<count { floats[index] = Float(vector[place &+ index]) }
      } else {
        memory.assumingMemoryBound(to: Double.self).update(from: vector + place, count: count)
      }
      place = place &+ count
    }
    tape.replay(from: start)
    result.update(repeating: 0, count: order)
    place = 0
    for (offset, product) in products.enumerated() {
      guard let node = tape.nodes.at(start &+ offset) else { continue }
      let count = node.pointee.count
      if let product, let memory = tape.memory(of: product) {
        if tape.precision == .float32 {
          kernels.widen(ElementType.float32.rawValue, memory, count, result + place)
        } else {
          (result + place).update(from: memory.assumingMemoryBound(to: Double.self), count: count)
        }
      }
      place = place &+ count
    }
    return kernels.matrix.allFinite(result, order)
  }
}
