// The console has one page, which reads the address itself. So every address is
// that page, but those of files: they lie in assets/, or in the root folder with
// a dot in their names. A device's id may have a dot as well, further down.
function handler(event) {
  var request = event.request;
  var isFile = request.uri.startsWith('/assets/') || /^\/[^/]+\.[^/]+$/.test(request.uri);
  if (!isFile) {
    request.uri = '/index.html';
  }
  return request;
}
