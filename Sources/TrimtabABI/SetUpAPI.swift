public import CTrimtab
internal import Trimtab

@c @implementation public func trimtab_monitor_observe_objective(
  _ monitor: OpaquePointer!, _ objective: UnsafePointer<trimtab_objective_facts>!
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    guard let given = try options(try required(objective, "objective"), "objective") else { return }
    try monitor.observe(try ObjectiveFacts(given))
  }
}

@c @implementation public func trimtab_monitor_observe_set_up(
  _ monitor: OpaquePointer!, _ found: UnsafePointer<trimtab_set_up_facts>!
) -> trimtab_status {
  boundary(monitor) { (monitor) throws(TrimtabError) in
    guard let given = try options(try required(found, "set_up"), "set_up") else { return }
    try monitor.observe(SetUpFacts(given))
  }
}

extension ObjectiveFacts {
  fileprivate init(_ given: trimtab_objective_facts) throws(TrimtabError) {
    self.init()
    loss = try word(given.loss, "objective.loss")
    reduction = try word(given.reduction, "objective.reduction")
    activation = try word(given.activation, "objective.activation")
    isCrossed = given.flags & 1 != 0
    isTargetRepeated = given.flags & 2 != 0
    sampleCount = Int(given.sample_count)
    elementCount = Int(given.element_count)
    outputCount = Int(given.output_count)
    distinctCount = Int(given.distinct_count)
    inputFingerprint = given.input_fingerprint
    targetFingerprint = given.target_fingerprint
    scale = given.scale
    meanLoss = given.mean_loss
    guessLoss = given.guess_loss
    targetMean = given.target_mean
    targetDeviation = given.target_deviation
    targetMinimum = given.target_minimum
    targetMaximum = given.target_maximum
    integerShare = given.integer_share
    unreachableShare = given.unreachable_share
    outputMean = given.output_mean
    outputDeviation = given.output_deviation
    outputMinimum = given.output_minimum
    outputMaximum = given.output_maximum
    zeroOutputShare = given.zero_output_share
  }
}

extension SetUpFacts {
  fileprivate init(_ given: trimtab_set_up_facts) {
    self.init()
    isStateLost = given.flags & 1 != 0
    isUntracked = given.flags & 2 != 0
    isDecoupled = given.flags & 4 != 0
    normalisationCount = Int(given.normalisation_count)
    dropoutCount = Int(given.dropout_count)
    batchRows = Int(given.batch_rows)
    batchValues = Int(given.batch_values)
    trainingPasses = Int(given.training_passes)
    frozenPasses = Int(given.frozen_passes)
    evaluationsInTraining = Int(given.evaluations_in_training)
    evaluations = Int(given.evaluations)
    evaluationRows = Int(given.evaluation_rows)
    trainingRows = Int(given.training_rows)
    dropout = given.dropout
    learningRate = given.learning_rate
    weightDecay = given.weight_decay
    epsilon = given.epsilon
    heldEpsilon = given.held_epsilon
    gradientScale = given.gradient_scale
    zeroGradientShare = given.zero_gradient_share
    gradientNorm = given.gradient_norm
    weightNorm = given.weight_norm
    normBefore = given.norm_before
    normAfter = given.norm_after
  }
}
