/**
 * Every text of the page, in English and German. {names} are replaced by values.
 *
 * The build writes the English texts into index.html, so that the page can be read before its script runs.
 */

export const TEXTS = {
  title: { en: "PSPM portrait matting", de: "PSPM Freisteller" },
  subtitle: { en: "portrait matting", de: "Freisteller" },
  description: {
    en: "Cut a person out of a photo or a camera picture, on this device. Nothing is sent anywhere.",
    de: "Menschen aus einem Foto oder Kamerabild freistellen, auf diesem Gerät. Es wird nichts verschickt.",
  },

  loadingTheModel: { en: "Loading the model", de: "Das Modell wird geladen" },
  loading: { en: "Loading", de: "Lädt" },
  loadingBytes: { en: "Loading {now} of {total} MB", de: "Lädt {now} von {total} MB" },
  starting: { en: "Starting", de: "Startet" },
  runsOnGpu: { en: "Runs on the GPU", de: "Läuft auf der GPU" },
  runsOnCore: { en: "Runs on one core", de: "Läuft auf einem Kern" },
  runsOnCores: { en: "Runs on {count} cores", de: "Läuft auf {count} Kernen" },
  notLoaded: { en: "Not loaded", de: "Nicht geladen" },

  mode: { en: "Mode", de: "Bereich" },
  live: { en: "Live", de: "Live" },
  photo: { en: "Photo", de: "Foto" },
  benchmark: { en: "Benchmark", de: "Messung" },

  background: { en: "Background", de: "Hintergrund" },
  effect: { en: "Effect", de: "Effekt" },
  cutout: { en: "Cut out", de: "Freistellen" },
  blur: { en: "Blur", de: "Unschärfe" },
  colour: { en: "Colour", de: "Farbe" },
  picture: { en: "Picture", de: "Bild" },
  savedAsPng: { en: "Saved as a PNG with a transparent background.", de: "Wird als PNG mit durchsichtigem Hintergrund gesichert." },
  strength: { en: "Strength", de: "Stärke" },
  percent: { en: "{value} %", de: "{value} %" },
  white: { en: "White", de: "Weiß" },
  skyBlue: { en: "Sky blue", de: "Himmelblau" },
  green: { en: "Green", de: "Grün" },
  yellow: { en: "Yellow", de: "Gelb" },
  night: { en: "Night", de: "Nacht" },
  ownColour: { en: "Your own colour", de: "Eigene Farbe" },
  chooseOwnColour: { en: "Choose your own colour", de: "Eigene Farbe wählen" },
  studio: { en: "Studio", de: "Studio" },
  sunset: { en: "Sunset", de: "Sonnenuntergang" },
  mountains: { en: "Mountains", de: "Berge" },
  galaxies: { en: "Galaxies", de: "Galaxien" },
  lightsAtNight: { en: "Lights at night", de: "Lichter bei Nacht" },
  ownPicture: { en: "Your own picture", de: "Eigenes Bild" },
  chooseOwnPicture: { en: "Choose your own picture", de: "Eigenes Bild wählen" },
  pictureNotLoaded: {
    en: "The picture {name} could not be loaded; check the connection and choose it again.",
    de: "Das Bild „{name}“ konnte nicht geladen werden. Prüfen Sie die Verbindung, und wählen Sie es noch einmal.",
  },
  pictureNotRead: {
    en: "{name} cannot be read; choose a JPEG, PNG or WebP picture.",
    de: "{name} kann nicht gelesen werden. Wählen Sie ein Bild als JPEG, PNG oder WebP.",
  },

  photoCanvas: { en: "Photo with the background replaced", de: "Foto mit neuem Hintergrund" },
  photoSplit: { en: "How much of the original is shown", de: "Wie viel vom Original zu sehen ist" },
  photoWelcome: { en: "Cut a person out of a photo", de: "Menschen aus einem Foto freistellen" },
  photoHint: {
    en: "Open a photo, drop it here, or paste it. It stays on this device.",
    de: "Öffnen Sie ein Foto, ziehen Sie es hierher, oder fügen Sie es ein. Es bleibt auf diesem Gerät.",
  },
  openPhoto: { en: "Open a photo", de: "Foto öffnen" },
  trySample: { en: "Try a sample photo", de: "Beispielfoto ansehen" },
  dropHere: { en: "Drop the photo", de: "Foto loslassen" },
  quality: { en: "Quality", de: "Qualität" },
  qualityFast: { en: "Fast, 1 look", de: "Schnell, 1 Blick" },
  qualityBalanced: { en: "Balanced, 2 looks", de: "Ausgewogen, 2 Blicke" },
  qualityBest: { en: "Best, 4 looks", de: "Am besten, 4 Blicke" },
  qualityHint: {
    en: "How often the network looks at a photo of one large person; small people take up to three more each. Balanced also turns photos upright and looks for people who were missed. Best is for fine hair.",
    de: "Wie oft das Netz ein Foto mit einem großen Menschen ansieht; jeder kleine braucht bis zu drei Blicke mehr. „Ausgewogen“ dreht auch Fotos richtig herum und sucht nach übersehenen Menschen. „Am besten“ ist für feine Haare.",
  },
  writing: { en: "Writing the file", de: "Die Datei wird geschrieben" },
  looking: { en: "Looking at the photo", de: "Das Foto wird angesehen" },
  oneLook: { en: "1 look at the photo", de: "1 Blick auf das Foto" },
  looks: { en: "{count} looks at the photo", de: "{count} Blicke auf das Foto" },
  cancel: { en: "Cancel", de: "Abbrechen" },
  open: { en: "Open", de: "Öffnen" },
  compare: { en: "Compare", de: "Vergleich" },
  copy: { en: "Copy", de: "Kopieren" },
  share: { en: "Share", de: "Teilen" },
  save: { en: "Save", de: "Sichern" },
  copied: { en: "Copied", de: "Kopiert" },
  drag: { en: "Drag out", de: "Herausziehen" },
  dragHint: {
    en: "Drag the result as a file to the desktop, a folder, or another program or page. Keyboards have Save and Copy.",
    de: "Das Ergebnis als Datei auf den Schreibtisch, in einen Ordner, ein anderes Programm oder eine andere Seite ziehen. Für die Tastatur gibt es „Sichern“ und „Kopieren“.",
  },
  noCopying: {
    en: "The browser did not allow copying; save the file instead.",
    de: "Der Browser hat das Kopieren nicht erlaubt. Sichern Sie stattdessen die Datei.",
  },
  noPerson: {
    en: "No person was found in this photo; choose one with a person.",
    de: "Auf diesem Foto wurde kein Mensch gefunden. Wählen Sie eines mit einem Menschen.",
  },
  sampleNotLoaded: {
    en: "The sample photo could not be loaded; check the connection and try again.",
    de: "Das Beispielfoto konnte nicht geladen werden. Prüfen Sie die Verbindung, und versuchen Sie es noch einmal.",
  },
  nothingDropped: { en: "No file was dropped; drop a photo file.", de: "Das war keine Datei. Ziehen Sie die Datei eines Fotos hierher." },
  nothingPasted: {
    en: "The clipboard contains no picture; copy one first.",
    de: "In der Zwischenablage ist kein Bild. Kopieren Sie zuerst eines.",
  },

  liveCanvas: { en: "Camera with the background replaced", de: "Kamerabild mit neuem Hintergrund" },
  liveWelcome: { en: "Change your background", de: "Hintergrund austauschen" },
  liveHint: { en: "The camera's pictures stay on this device.", de: "Die Bilder der Kamera bleiben auf diesem Gerät." },
  startCamera: { en: "Start the camera", de: "Kamera starten" },
  stopCamera: { en: "Stop the camera", de: "Kamera stoppen" },
  otherCamera: { en: "Other camera", de: "Andere Kamera" },
  recordVideo: { en: "Record a video", de: "Video aufnehmen" },
  takePicture: { en: "Take a picture", de: "Foto aufnehmen" },
  camera: { en: "Camera", de: "Kamera" },
  cameraHint: {
    en: "What the camera is asked for. It may give another resolution; a larger one takes more time for each frame.",
    de: "Die gewünschte Auflösung. Die Kamera kann eine andere liefern; eine größere braucht mehr Zeit für jedes Bild.",
  },
  cameraGives: { en: "The camera gives {width} × {height}", de: "Die Kamera liefert {width} × {height}" },
  rate: { en: "{shown} frames per second", de: "{shown} Bilder pro Sekunde" },
  rateOf: {
    en: "{shown} of {camera} frames per second, {dropped} dropped",
    de: "{shown} von {camera} Bildern pro Sekunde, {dropped} ausgelassen",
  },
  times: {
    en: "before the network {pre}, network {inference}, after it {post} ms",
    de: "vor dem Netz {pre}, Netz {inference}, danach {post} ms",
  },
  cameraStopped: {
    en: "The camera stopped: it was unplugged, or another program uses it.",
    de: "Die Kamera ist ausgefallen: Sie wurde abgezogen, oder ein anderes Programm benutzt sie.",
  },
  cameraDenied: {
    en: "Camera access was denied. Allow it for this page in the browser's settings, then try again.",
    de: "Der Zugriff auf die Kamera wurde verweigert. Erlauben Sie ihn für diese Seite in den Einstellungen des Browsers, und versuchen Sie es noch einmal.",
  },
  cameraMissing: {
    en: "No camera was found. Connect one and try again, or open a photo instead.",
    de: "Es wurde keine Kamera gefunden. Schließen Sie eine an, und versuchen Sie es noch einmal, oder öffnen Sie ein Foto.",
  },
  cameraTaken: {
    en: "Another program is using the camera. Close that program, then try again.",
    de: "Ein anderes Programm benutzt die Kamera. Schließen Sie es, und versuchen Sie es noch einmal.",
  },
  cameraInsecure: {
    en: "Cameras work on https:// pages only. Open the page over https://, or use photos.",
    de: "Kameras gehen nur auf Seiten mit https://. Öffnen Sie die Seite mit https://, oder nehmen Sie Fotos.",
  },
  noRecording: {
    en: "This browser cannot record the picture; take pictures instead.",
    de: "Dieser Browser kann keine Videos aufnehmen. Nehmen Sie stattdessen Fotos auf.",
  },
  nothingRecorded: {
    en: "Nothing was recorded; record for a second at least.",
    de: "Es wurde nichts aufgenommen. Nehmen Sie mindestens eine Sekunde lang auf.",
  },
  pictureNotSaved: {
    en: "The picture could not be saved; try again.",
    de: "Das Foto konnte nicht gesichert werden. Versuchen Sie es noch einmal.",
  },

  benchTitle: { en: "How fast is this device?", de: "Wie schnell ist dieses Gerät?" },
  benchHint: {
    en: "Measures frames of 1280 x 720 pixels: resizing for the network, the network, and drawing without an effect, with a colour, and with a blurred background. It takes some minutes. Nothing is sent. Save the result as a file and read it with <code>pspm bench --compare</code>.",
    de: "Misst Bilder von 1280 x 720 Pixeln: das Verkleinern für das Netz, das Netz, und das Zeichnen ohne Effekt, mit einer Farbe und mit unscharfem Hintergrund. Das dauert einige Minuten. Es wird nichts verschickt. Sichern Sie das Ergebnis als Datei, und lesen Sie sie mit <code>pspm bench --compare</code>.",
  },
  measure: { en: "Measure", de: "Messen" },
  benchLong: {
    en: "Also run for one minute, because devices slow down when they get hot",
    de: "Auch eine Minute lang ohne Pause messen, weil Geräte langsamer werden, wenn sie warm sind",
  },
  result: { en: "Result", de: "Ergebnis" },
  runsOn: { en: "Runs on", de: "Läuft auf" },
  resolution: { en: "Resolution", de: "Auflösung" },
  framesPerSecond: { en: "Frames per second", de: "Bilder pro Sekunde" },
  droppedAt30: { en: "Dropped at 30 per second", de: "Ausgelassen bei 30 pro Sekunde" },
  resize: { en: "Resize", de: "Verkleinern" },
  network: { en: "Network", de: "Netz" },
  draw: { en: "Draw", de: "Zeichnen" },
  within90: { en: "90 % within", de: "90 % in" },
  saveJson: { en: "Save as JSON", de: "Als JSON sichern" },
  measuring: { en: "Measuring {step} …", de: "Misst {step} …" },
  done: { en: "Done.", de: "Fertig." },
  processor: { en: "Processor", de: "Prozessor" },
  oneThread: { en: "1 thread", de: "1 Thread" },
  threads: { en: "{count} threads", de: "{count} Threads" },
  of: { en: "{part} of {all}", de: "{part} von {all}" },
  cores: { en: "{count} cores", de: "{count} Kerne" },
  withNoEffect: { en: "none", de: "ohne" },
  withColour: { en: "colour", de: "Farbe" },
  withBlur: { en: "blur", de: "Unschärfe" },
  cameraModel: { en: "camera model", de: "Modell für die Kamera" },
  photoModel: { en: "photo model", de: "Modell für Fotos" },

  tryAgain: { en: "Try again", de: "Noch einmal versuchen" },
  closeMessage: { en: "Close the message", de: "Meldung schließen" },
  graphicsStopped: {
    en: "The graphics processor stopped, perhaps for lack of memory; try again.",
    de: "Der Grafikprozessor ist ausgefallen, vielleicht aus Mangel an Speicher. Versuchen Sie es noch einmal.",
  },
  insecure: {
    en: "This works on https:// pages and on localhost only; open the page there.",
    de: "Das geht nur auf Seiten mit https:// und auf localhost. Öffnen Sie die Seite dort.",
  },
  unexpected: {
    en: "An unexpected error occurred ({reason}); reload the page.",
    de: "Ein unerwarteter Fehler ist aufgetreten ({reason}). Laden Sie die Seite neu.",
  },

  about: { en: "About", de: "Über diese Seite" },
  aboutOpen: { en: "About this page", de: "Über diese Seite" },
  aboutHint: {
    en: "Everything runs on this device: no photo, camera picture or measurement is sent anywhere. After the first visit the page works offline. You can install it from the browser's menu.",
    de: "Alles läuft auf diesem Gerät: Kein Foto, kein Kamerabild und keine Messung wird verschickt. Nach dem ersten Besuch geht die Seite auch ohne Netz. Sie lässt sich aus dem Menü des Browsers installieren.",
  },
  keys: {
    en: "Keys: <kbd>O</kbd> open, Ctrl or ⌘ + <kbd>V</kbd> paste, <kbd>S</kbd> save, <kbd>1</kbd> to <kbd>4</kbd> effects, <kbd>+</kbd> <kbd>-</kbd> <kbd>0</kbd> zoom.",
    de: "Tasten: <kbd>O</kbd> öffnen, Strg oder ⌘ + <kbd>V</kbd> einfügen, <kbd>S</kbd> sichern, <kbd>1</kbd> bis <kbd>4</kbd> Effekte, <kbd>+</kbd> <kbd>-</kbd> <kbd>0</kbd> Größe.",
  },
  version: { en: "Version", de: "Version" },
  model: { en: "Model", de: "Modell" },
  licence: { en: "Licence of the model", de: "Lizenz des Modells" },
  trainedOn: { en: "Trained on", de: "Trainiert mit" },
  credits: {
    en: "Code: Apache-2.0. Engine: LiteRT.js by Google, Apache-2.0. Sample photo: CC0, from inter-faces. Picture of galaxies: NASA, ESA, public domain.",
    de: "Code: Apache-2.0. Engine: LiteRT.js von Google, Apache-2.0. Beispielfoto: CC0, aus inter-faces. Bild der Galaxien: NASA, ESA, gemeinfrei.",
  },
  close: { en: "Close", de: "Schließen" },
} as const;

export type TextName = keyof typeof TEXTS;
