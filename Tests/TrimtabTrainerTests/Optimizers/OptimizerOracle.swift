import Testing
import Trimtab

@testable import TrimtabTrainer

/// What torch.optim of PyTorch 2.13 makes of weights (i - 5) / 4, i from 0 to 10, with the gradients of `gradient`, a
/// weight decay of 0.05 and defaults otherwise: weights 0, 4 and 10 after steps 1, 3 and 100, in float64.
struct OptimizerOracle: Sendable {
  let kind: OptimizerOptions.Kind
  let learningRate: Double
  let weights: [(step: Int, values: [Double])]

  static let count = 11
  static let places = [0, 4, 10]

  init(_ kind: OptimizerOptions.Kind, learningRate: Double, _ weights: [(Int, [Double])]) {
    self.kind = kind
    self.learningRate = learningRate
    self.weights = weights.map { (step: $0.0, values: $0.1) }
  }

  var options: OptimizerOptions {
    var options = OptimizerOptions(kind, learningRate: learningRate)
    options.weightDecay = 0.05
    return options
  }

  static var start: [Double] { (0..<count).map { (Double($0) - 5) / 4 } }

  static func gradient(_ step: Int) -> [Double] {
    (0..<count).map { i in Double((step * 7 + i * 5) % 11 - 5) / 8 + Double(i % 3) / 16 }
  }

  static let all = [
    OptimizerOracle(
      .sgd, learningRate: 0.1,
      [
        (1, [-1.18125, -0.305, 1.225]),
        (3, [-1.1693420312499998, -0.264426375, 1.1876243750000002]),
        (100, [-0.699480871233078, -0.6894125964592652, 0.24693823851053065]),
      ]),
    OptimizerOracle(
      .heavyBall, learningRate: 0.01,
      [
        (1, [-1.243125, -0.2555, 1.2475]),
        (3, [-1.23181837328125, -0.26134430137500003, 1.2417284993750002]),
        (100, [-0.769703036185911, -0.6370671513288486, 0.3153426799207536]),
      ]),
    OptimizerOracle(
      .nesterov, learningRate: 0.01,
      [
        (1, [-1.2369375, -0.26045, 1.24525]),
        (3, [-1.2255326282110939, -0.261690287431125, 1.236310855713125]),
        (100, [-0.7626573082491674, -0.64232656908857, 0.3084258061148261]),
      ]),
    OptimizerOracle(
      .adam, learningRate: 0.01,
      [
        (1, [-1.2400000001454545, -0.25999999981818184, 1.2400000004]),
        (3, [-1.2297524650210576, -0.2676922577341677, 1.2351817798423605]),
        (100, [-1.0922014869795829, -0.3825153908690469, 0.9582562748359909]),
      ]),
    OptimizerOracle(
      .adamW, learningRate: 0.01,
      [
        (1, [-1.2393750001600001, -0.25987499982222223, 1.2393750005333335]),
        (3, [-1.2299516000512605, -0.26775776878980545, 1.2369411292678991]),
        (100, [-1.1738073052588698, -0.40385193436135813, 1.0336185815964205]),
      ]),
    OptimizerOracle(
      .rmsProp, learningRate: 0.01,
      [
        (1, [-1.1500000145454525, -0.3499999818181851, 1.1500000399999841]),
        (3, [-1.1370597812449157, -0.29416628311184256, 1.1346455723151074]),
        (100, [-0.9416979530648734, -0.5008814939803367, 0.701308208023683]),
      ]),
  ]
}
