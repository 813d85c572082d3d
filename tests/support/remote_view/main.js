// What an application does that shows the window of a VTK server, without knowing of Jupyter.
import vtkWSLinkClient from '@kitware/vtk.js/IO/Core/WSLinkClient';
import vtkRemoteView from '@kitware/vtk.js/Rendering/Misc/RemoteView';
import SmartConnect from 'wslink/src/SmartConnect';

vtkWSLinkClient.setSmartConnectClass(SmartConnect);
const client = vtkWSLinkClient.newInstance();
await client.connect({ wsProxy: new URLSearchParams(location.search).has('wsProxy') });

const view = vtkRemoteView.newInstance({
  session: client.getConnection().getSession(),
  viewStream: client.getImageStream().createViewStream('-1'),
  rpcWheelEvent: 'viewport.mouse.zoom.wheel'
});
view.setInteractiveRatio(0.5);
view.setContainer(document.getElementById('view'));
new ResizeObserver(view.resize).observe(document.getElementById('view'));
