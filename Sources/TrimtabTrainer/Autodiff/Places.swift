internal import Trimtab

/// The elements are of `size` bytes: 4 or 8.
func gatherBlocks(_ table: PlaceTable, _ x: UnsafeRawPointer, _ out: UnsafeMutableRawPointer, size: Int) {
  let count = table.places.count
  let bytes = table.length &* size
  let places = table.places.pointer
  for group in 0..<table.groups {
    let from = x + group &* table.extent &* bytes
    var to = out + group &* count &* bytes
    for index in 0..<count {
      let place = Int(places[index])
      if place < 0 {
        to.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
      } else if bytes == 4 {
        to.storeBytes(of: from.load(fromByteOffset: place &* 4, as: UInt32.self), as: UInt32.self)
      } else {
        to.copyMemory(from: from + place &* bytes, byteCount: bytes)
      }
      to += bytes
    }
  }
}

func scatterBlocks<L: ElementLanes>(
  _ table: PlaceTable, _ x: UnsafePointer<L.Element>, _ out: UnsafeMutablePointer<L.Element>, _ lanes: L.Type
) {
  let (length, count) = (table.length, table.places.count)
  let places = table.places.pointer
  UnsafeMutableRawPointer(out).initializeMemory(
    as: UInt8.self, repeating: 0,
    count: table.groups &* table.extent &* length &* MemoryLayout<L.Element>.stride)
  for group in 0..<table.groups {
    var from = x + group &* count &* length
    let to = out + group &* table.extent &* length
    for index in 0..<count {
      let place = Int(places[index])
      if place >= 0 { addBlock(from, to + place &* length, length, lanes) }
      from += length
    }
  }
}

/// y += x
@inline(__always)
private func addBlock<L: ElementLanes>(
  _ x: UnsafePointer<L.Element>, _ y: UnsafeMutablePointer<L.Element>, _ count: Int, _ lanes: L.Type
) {
  var index = 0
  while index &+ 8 <= count {
    L.load(y + index).plus(L.load(x + index)).store(y + index)
    index = index &+ 8
  }
  while index < count {
    y[index] = L.narrow(L.widen(y[index]) + L.widen(x[index]))
    index = index &+ 1
  }
}

/// The first of the greatest of each window, and its place; NaN counts as greatest, as in PyTorch.
func chooseGreatest<L: ElementLanes>(
  _ chosen: PlaceTable, _ windows: PlaceTable, _ x: UnsafePointer<L.Element>,
  _ out: UnsafeMutablePointer<L.Element>, _ lanes: L.Type
) {
  let count = chosen.places.count / max(windows.groups, 1)
  let window = windows.places.count / max(count, 1)
  for group in 0..<windows.groups {
    let from = x + group &* windows.extent
    for index in 0..<count {
      var best = -1
      var greatest = -Double.infinity
      for offset in 0..<window {
        let place = Int(windows.places.pointer[index &* window &+ offset])
        guard place >= 0 else { continue }
        let value = L.widen(from[place])
        if best < 0 || value > greatest || (value.isNaN && !greatest.isNaN) {
          best = place
          greatest = value
        }
      }
      chosen.places.pointer[group &* count &+ index] =
        best < 0 ? -1 : Int32(truncatingIfNeeded: group &* windows.extent &+ best)
      out[group &* count &+ index] = best < 0 ? L.narrow(0) : from[best]
    }
  }
}
