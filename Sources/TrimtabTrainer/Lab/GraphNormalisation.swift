internal import Trimtab

extension Experiment {
  /// A graph net on features whose scale differs by node or by feature: the diagnostic says which axis to normalise, and
  /// the other one fails.
  static var graphNormalisation: Experiment {
    Experiment(
      "graph-normalisation", "Which axis to normalise in a graph net", section: 3,
      axes: PlotAxes("step", "loss", logarithmic: (false, true)),
      arms: [
        Arm(.reference, "homogeneous"), Arm(.broken, "5 % of nodes x100"), Arm(.broken, "nodes x100, per feature"),
        Arm(.cured, "nodes x100, per node"), Arm(.broken, "one feature x1000"),
        Arm(.broken, "feature x1000, per node"), Arm(.cured, "feature x1000, per feature"),
      ], run: runGraphNormalisation)
  }
}

private let nodes = 400
private let width = 32
private let steps = 200

/// A graph of two communities, and what its nodes know.
private struct Community {
  let graph: SparseMatrix
  let features: Samples
  let classes: Labels
  let isTrained: [Bool]

  /// Edges within a class with probability .06, between classes .04; the normalised adjacency with self-loops. The classes
  /// lie 3.2 apart along a direction that the first feature has no part in.
  init(_ trial: Trial) throws(TrimtabError) {
    let (edges, halves) = (trial.numbers(), trial.numbers())
    features = try Samples(nodes, width, normal: trial.numbers())
    let direction = try Samples(1, width, normal: trial.numbers())
    classes = try Labels(nodes)
    direction[0, 0] = 0
    var norm = 0.0
    for column in 0..<width { norm += direction[0, column] * direction[0, column] }
    for node in 0..<nodes {
      classes[node] = node % 2
      let side = (node % 2 == 0 ? 1.6 : -1.6) / norm.squareRoot()
      for column in 0..<width { features[node, column] += side * direction[0, column] }
    }
    var pairs: [(Int, Int)] = []
    var degrees = [Double](repeating: 1, count: nodes)
    for a in 0..<nodes {
      pairs.append((a, a))
      for b in 0..<a
      where edges.uniform(at: UInt64(a &* nodes &+ b)) < (a % 2 == b % 2 ? 0.06 : 0.04) {
        pairs.append((a, b))
        pairs.append((b, a))
        degrees[a] += 1
        degrees[b] += 1
      }
    }
    let (found, size) = (pairs, degrees)
    graph = try SparseMatrix(rows: nodes, columns: nodes, count: found.count) { index in
      let (a, b) = found[index]
      return (a, b, 1 / (size[a] * size[b]).squareRoot())
    }
    isTrained = (0..<nodes).map { halves.uniform(at: UInt64($0)) < 0.5 }
  }
}

private struct GraphFate {
  var accuracy = 0.0
  var peakGradient = 0.0
}

private func runGraphNormalisation(_ trial: Trial) throws(TrimtabError) {
  let community = try Community(trial)
  let plain = community.features
  let all = Array(0..<nodes)
  let byNode = try Samples(plain, rows: all)
  let byFeature = try Samples(plain, rows: all)
  for node in 0..<nodes {
    // Every twentieth node, of one class as of the other.
    if node % 40 < 2 { for column in 0..<width { byNode[node, column] *= 100 } }
    byFeature[node, 0] *= 1000
  }
  func fate(
    _ arm: StaticText, _ features: Samples, _ kind: LayerDescription.Normalisation?
  ) throws(TrimtabError) -> Double {
    let found = try train(trial, arm, community, features, kind)
    let scale = try featureScale(of: try features.view())
    trial.measure(arm, "s_r", scale.nodeDeviation)
    trial.measure(arm, "s_c", scale.featureDeviation)
    trial.measure(arm, "test accuracy", found.accuracy)
    trial.measure(arm, "peak gradient", found.peakGradient)
    return found.accuracy
  }
  _ = try fate("homogeneous", plain, nil)
  let nodesPlain = try fate("5 % of nodes x100", byNode, nil)
  let nodesWrong = try fate("nodes x100, per feature", byNode, .batch)
  let nodesRight = try fate("nodes x100, per node", byNode, .layer)
  let nodesLength = try train(trial, "", community, try ofOneLength(byNode), nil).accuracy
  let featurePlain = try fate("one feature x1000", byFeature, nil)
  let featureWrong = try fate("feature x1000, per node", byFeature, .layer)
  let featureRight = try fate("feature x1000, per feature", byFeature, .batch)
  let featureLength = try train(trial, "", community, try ofOneLength(byFeature), nil).accuracy
  trial.expect("nodes x100: accuracy per node", nodesRight, .atLeast(0.85), measured: 0.893)
  trial.expect("nodes x100: accuracy with rows of one length", nodesLength, .atLeast(0.85), measured: 0.893)
  trial.expect("nodes x100: accuracy per feature, the wrong axis", nodesWrong, .atMost(0.60), measured: 0.567)
  trial.expect("nodes x100: what the right axis gains", nodesRight - nodesPlain, .atLeast(0.105), measured: 0.21)
  trial.expect("feature x1000: accuracy per feature", featureRight, .atLeast(0.85), measured: 0.890)
  trial.expect("feature x1000: accuracy per node, the wrong axis", featureWrong, .atMost(0.60), measured: 0.477)
  trial.expect("feature x1000: with rows of one length", featureLength, .atMost(0.60), measured: 0.473)
  trial.expect(
    "feature x1000: what the right axis gains", featureRight - featurePlain, .atLeast(0.196), measured: 0.393)
  let advised = try featureScale(of: try byNode.view()).advice == .nodeWise
  let advisedToo = try featureScale(of: try byFeature.view()).advice == .featureWise
  trial.expect("advice names the right axis, of 2", (advised ? 1 : 0) + (advisedToo ? 1 : 0), .atLeast(2))
}

/// Rows over their length (L2), times sqrt(32) so that gradient descent at the same rate sees numbers near 1.
private func ofOneLength(_ features: Samples) throws(TrimtabError) -> Samples {
  let result = try Samples(features.rows, width)
  for row in 0..<features.rows {
    var squares = 0.0
    for column in 0..<width { squares += features[row, column] * features[row, column] }
    let factor = (Double(width) / squares).squareRoot()
    for column in 0..<width { result[row, column] = factor * features[row, column] }
  }
  return result
}

/// A graph net of two layers behind a normalisation of its input, by gradient descent on half of the nodes.
private func train(
  _ trial: Trial, _ arm: StaticText, _ community: Community, _ features: Samples,
  _ kind: LayerDescription.Normalisation?
) throws(TrimtabError) -> GraphFate {
  var layers: [LayerDescription] = []
  if let kind {
    var layer = LayerDescription(.normalisation)
    layer.normalisation = kind
    layers.append(layer)
  }
  var hidden = LayerDescription(.graphConvolution)
  hidden.units = 16
  hidden.activation = .relu
  var last = LayerDescription(.graphConvolution)
  last.units = 2
  layers += [hidden, last]
  var options = TrainerOptions(layers: layers, inputShape: Shape(width))
  options.precision = .float64
  options.seed = trial.seed
  options.loss = .custom
  options.optimizer = OptimizerOptions(.sgd, learningRate: 0.1)
  let trained = Double(community.isTrained.reduce(0) { $0 &+ ($1 ? 1 : 0) })
  let trainer = try Trainer(options) { (tape, values) throws(TrimtabError) in
    tape.scale(tape.sum(tape.multiply(values[1], tape.logSoftmax(values[0]))), by: -1 / trained)
  }
  try trainer.setGraph(community.graph)
  let targets = try Samples(nodes, 2)
  for node in 0..<nodes where community.isTrained[node] { targets[node, community.classes[node]] = 1 }
  let (x, y) = (try features.view(), try targets.view())
  var found = GraphFate()
  for index in 0..<steps {
    let step = try trainer.step(x, y)
    found.peakGradient = max(found.peakGradient, step.gradientNorm)
    // A net that diverges leaves the others their scale.
    if index % 2 == 0, arm.count > 0, step.loss <= 1e4 { trial.point(arm, Double(index), step.loss) }
  }
  let outputs = try trainer.outputs(features, 2)
  var (right, count) = (0, 0)
  for node in 0..<nodes where !community.isTrained[node] {
    count = count &+ 1
    let named = outputs[node, 1] > outputs[node, 0] ? 1 : 0
    if named == community.classes[node] { right = right &+ 1 }
  }
  found.accuracy = Double(right) / Double(max(count, 1))
  return found
}
