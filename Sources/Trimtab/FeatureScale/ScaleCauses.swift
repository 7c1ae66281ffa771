extension Cause {
  /// The causes of features on unlike scales, and of distributions that do not overlap.
  var comparisonWords: (key: StaticText, text: StaticText, cure: StaticText, check: StaticText) {
    switch self {
    case .nodeScale:
      (
        "node_scale", "The nodes live on very different scales: a few of them drown their neighbours.",
        "Normalise each node over its features (LayerNorm, NodeNorm, L2), not each feature over the nodes.",
        "After dividing each row by its norm the deviation between nodes is near 0; BatchNorm leaves it as it is."
      )
    case .perFeatureScale:
      (
        "per_feature_scale", "The features live on very different scales: a few of them rule every node.",
        "Normalise each feature over the nodes (BatchNorm, GraphNorm, standardising), not each node by itself.",
        "After dividing each column by its deviation the one between features is near 0; LayerNorm leaves it."
      )
    case .nodeAndFeatureScale:
      (
        "node_and_feature_scale", "Both nodes and features live on very different scales.",
        "Normalise each feature over the nodes first, then each node over its features.",
        "Do both in that order: the two deviations are near 0."
      )
    case .outlierScale:
      (
        "outlier_scale", "A few nodes or features are far off in scale, too few to move the deviations.",
        "Look at the listed ones for wrong units; clip them, or normalise that axis.",
        "Leave the listed ones out: no other stands out."
      )
    case .noOverlap:
      (
        "no_overlap", "The two distributions hardly overlap, so a good discriminator leaves the generator no signal.",
        "Begin at a coarser resolution and grow, use the non-saturating loss, or add noise to both.",
        "Average both to a coarser resolution: there the overlap is greater."
      )
    default: ("none", "", "", "")
    }
  }
}
