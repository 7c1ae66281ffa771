/// Why a file, or a tensor in it, cannot be read: where, what was found and what is allowed.
public struct FormatError: Error, Sendable, Equatable, CustomStringConvertible {
  public let path: String
  /// The key of the tensor within the file; empty for the file as a whole.
  public let tensor: String
  public let message: String
  /// Whether the file is sound, and only more memory is needed than is allowed.
  public let isAboutMemory: Bool

  public init(_ path: String, tensor: String = "", _ message: String, isAboutMemory: Bool = false) {
    self.path = path
    self.tensor = tensor
    self.message = message
    self.isAboutMemory = isAboutMemory
  }

  public var description: String { tensor.isEmpty ? "\(path): \(message)" : "\(path):\(tensor): \(message)" }
}

/// Text from a file as an error may show it: no control characters, no more than `limit` characters.
func quoted(_ text: some StringProtocol, limit: Int = 60) -> String {
  var shown = "'"
  var count = 0
  for scalar in text.unicodeScalars {
    if count == limit {
      shown += "…"
      break
    }
    shown.unicodeScalars.append(scalar.value < 32 || scalar.value == 127 ? "\u{FFFD}" : scalar)
    count += 1
  }
  return shown + "'"
}
