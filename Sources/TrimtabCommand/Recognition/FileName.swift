/// A path's parts, taken apart as text.
struct FileName {
  let path: String

  init(_ path: String) { self.path = path }

  /// The last component.
  var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// The name without its endings: `a` for `dir/a.csv.gz`.
  var stem: String {
    for ending in [".csv.gz", ".safetensors", ".npz", ".npy", ".csv"] where name.lowercased().hasSuffix(ending) {
      return String(name.dropLast(ending.count))
    }
    return name
  }

  /// Everything before the name, without the slash; empty where there is none.
  var directory: String { path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "" }

  /// The name of the folder that the file is in.
  var parent: String { directory.split(separator: "/").last.map(String.init) ?? "" }

  /// The words of a name in lower case: split at all but letters and digits, between letters and digits, and before
  /// capitals.
  static func words(_ name: some StringProtocol) -> [String] {
    var words: [String] = []
    var word = ""
    var previous: Character = " "
    func isBreak(_ character: Character) -> Bool {
      character.isNumber != previous.isNumber || (character.isUppercase && previous.isLowercase)
    }
    for character in name {
      if !(character.isLetter || character.isNumber) || isBreak(character) {
        if !word.isEmpty { words.append(word) }
        word = ""
      }
      if character.isLetter || character.isNumber { word.append(contentsOf: character.lowercased()) }
      previous = character
    }
    return word.isEmpty ? words : words + [word]
  }
}
