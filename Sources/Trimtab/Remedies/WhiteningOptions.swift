/// Which of the maps that whiten a covariance to take; they differ by a rotation.
public enum WhiteningMethod: Int32, Sendable {
  /// U L^-1/2 U^T: closest to the input, free of sign choices.
  case zca = 0
  /// L^-1/2 U^T, largest variance first; each row's entry of greatest magnitude is positive.
  case pca = 1
  /// C^-1 with S = C C^T.
  case cholesky = 2
}

public struct WhiteningOptions: Sendable, Equatable {
  public var method = WhiteningMethod.zca
  /// Added to each eigenvalue, as a share of their mean.
  public var regularisation = 0.0

  public init() {}

  func check() throws(TrimtabError) {
    guard regularisation >= 0, regularisation.isFinite else {
      throw TrimtabError(
        .invalidArgument, "options.regularisation: found %, allowed finite, 0 or more", regularisation)
    }
  }
}
