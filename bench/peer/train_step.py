"""The peer of the training-step bench: eager PyTorch doing the same step on the same random batch.

  train_step.py METHOD --threads N --device cpu|cuda     METHOD: one of the keys of METHODS
  prints one JSON line {"method", "ms": [per step, best of three rounds first], "torch"}.

`bbp` is the formulation that users run today (three weight draws, Monte Carlo KL, autograd through softplus and
both log densities, SGD); `bbp-tuned` applies the analytic chain rule and in-place updates, the best we can write in eager PyTorch. `local-reparametrisation` draws activations (bias noise shared by the rows) with the closed-form KL;
`mc-dropout` drops half of the hidden units before the rectifier and steps with momentum 0.5; `sgld` and `psgld` are optimisers that loop
over the parameters, weight decay for the prior; `predictive` averages 100 draws of the weights over 1000 inputs, its "step", by the same
forward pass as in training, which computes both densities too; `predictive-tuned` does without them and computes each deviation once.
"""
import argparse
import json
import math
import time

import torch
import torch.nn.functional as F

SIZES = [784, 1200, 1200, 10]
BATCH, BATCHES, DRAWS, PRIOR_SD, LR = 100, 600, 3, 0.1, 1e-3


def gaussian_log_density(w, mean, sd):
    return (-0.5 * math.log(2 * math.pi) - torch.log(sd) - (w - mean) ** 2 / (2 * sd**2)).sum()


class BayesianLinear(torch.nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.w_mean = torch.nn.Parameter(torch.empty(n_in, n_out).uniform_(-0.1, 0.1))
        self.w_rho = torch.nn.Parameter(torch.empty(n_in, n_out).uniform_(-3, -2))
        self.b_mean = torch.nn.Parameter(torch.empty(n_out).uniform_(-0.1, 0.1))
        self.b_rho = torch.nn.Parameter(torch.empty(n_out).uniform_(-3, -2))

    def forward(self, x):
        w_sd = 1e-6 + F.softplus(self.w_rho)
        b_sd = 1e-6 + F.softplus(self.b_rho)
        w = self.w_mean + w_sd * torch.empty_like(w_sd).normal_()
        b = self.b_mean + b_sd * torch.empty_like(b_sd).normal_()
        log_q = gaussian_log_density(w, self.w_mean, w_sd) + gaussian_log_density(b, self.b_mean, b_sd)
        prior_sd = torch.tensor(PRIOR_SD)
        log_p = gaussian_log_density(w, 0.0, prior_sd) + gaussian_log_density(b, 0.0, prior_sd)
        return x @ w + b, log_q, log_p


def bbp():
    layers = [BayesianLinear(a, b) for a, b in zip(SIZES, SIZES[1:])]
    optimiser = torch.optim.SGD([p for layer in layers for p in layer.parameters()], lr=LR)

    def step(x, y):
        optimiser.zero_grad()
        fit = kl = 0
        for _ in range(DRAWS):
            h = x
            for i, layer in enumerate(layers):
                h, log_q, log_p = layer(h)
                kl = kl + (log_q - log_p) / BATCHES / DRAWS
                if i < len(layers) - 1:
                    h = F.relu(h)
            fit = fit + F.cross_entropy(h, y, reduction="sum") / DRAWS
        (fit + kl).backward()
        optimiser.step()
        return float(fit), float(kl)

    return step


def bbp_tuned():
    shapes = [s for a, b in zip(SIZES, SIZES[1:]) for s in ((a, b), (b,))]
    means = [torch.empty(s).uniform_(-0.1, 0.1) for s in shapes]
    rhos = [torch.empty(s).uniform_(-3, -2) for s in shapes]
    noise = [torch.empty(s) for s in shapes]
    log_2pi_terms = math.log(PRIOR_SD)

    @torch.no_grad()
    def step(x, y):
        sds = [F.softplus(r).add_(1e-6) for r in rhos]
        grad_mean = [torch.zeros_like(m) for m in means]
        grad_sd = [torch.zeros_like(m) for m in means]
        fit = kl = 0.0
        for _ in range(DRAWS):
            ws = []
            for m, sd, e in zip(means, sds, noise):
                e.normal_()
                ws.append(torch.addcmul(m, sd, e))
            hs = [x]
            for i in range(3):
                z = torch.addmm(ws[2 * i + 1], hs[-1], ws[2 * i])
                hs.append(z.relu_() if i < 2 else z)
            fit += float(F.cross_entropy(hs[3], y, reduction="sum")) / DRAWS
            delta = torch.softmax(hs[3], 1)
            delta[torch.arange(BATCH), y] -= 1
            for i in (2, 1, 0):
                # E = fit - (log prior)/BATCHES: its gradient by the drawn weights
                gw = hs[i].t() @ delta
                gb = delta.sum(0)
                if i:
                    delta = (delta @ ws[2 * i].t()).mul_(hs[i] > 0)
                for j, g in ((2 * i, gw), (2 * i + 1, gb)):
                    kl += float(ws[j].pow(2).sum()) / (2 * PRIOR_SD**2) / DRAWS - float(noise[j].pow(2).sum()) / 2 / DRAWS
                    g.add_(ws[j], alpha=1 / (PRIOR_SD**2 * BATCHES))
                    grad_mean[j].add_(g, alpha=1 / DRAWS)
                    grad_sd[j].addcmul_(g, noise[j], value=1 / DRAWS)
        for m, r, sd, gm, gs in zip(means, rhos, sds, grad_mean, grad_sd):
            kl += sd.numel() * log_2pi_terms - float(sd.log().sum())
            gs.sub_(sd.reciprocal(), alpha=1 / BATCHES)
            m.add_(gm, alpha=-LR)
            r.addcmul_(gs, torch.sigmoid(r), value=-LR)
        return fit, kl / BATCHES

    return step


class LocallyReparametrised(BayesianLinear):
    def forward(self, x):
        w_sd = 1e-6 + F.softplus(self.w_rho)
        b_sd = 1e-6 + F.softplus(self.b_rho)
        centre = x @ self.w_mean
        spread = torch.sqrt(x.pow(2) @ w_sd.pow(2))
        activation = centre + spread * torch.empty_like(centre).normal_()
        bias = self.b_mean + b_sd * torch.empty_like(b_sd).normal_()
        return activation + bias, gaussian_kl(self.w_mean, w_sd) + gaussian_kl(self.b_mean, b_sd)


def gaussian_kl(mean, sd):
    return 0.5 * (2 * torch.log(PRIOR_SD / sd) - 1 + (sd / PRIOR_SD).pow(2) + (mean / PRIOR_SD).pow(2)).sum()


def local_reparametrisation():
    layers = [LocallyReparametrised(a, b) for a, b in zip(SIZES, SIZES[1:])]
    optimiser = torch.optim.SGD([p for layer in layers for p in layer.parameters()], lr=LR)

    def step(x, y):
        optimiser.zero_grad()
        fit = kl = 0
        for _ in range(DRAWS):
            h = x
            for i, layer in enumerate(layers):
                h, layer_kl = layer(h)
                kl = kl + layer_kl / BATCHES / DRAWS
                if i < len(layers) - 1:
                    h = F.relu(h)
            fit = fit + F.cross_entropy(h, y, reduction="sum") / DRAWS
        (fit + kl).backward()
        optimiser.step()
        return float(fit), float(kl)

    return step


def mc_dropout():
    layers = [torch.nn.Linear(a, b) for a, b in zip(SIZES, SIZES[1:])]
    optimiser = torch.optim.SGD([p for layer in layers for p in layer.parameters()], lr=LR, momentum=0.5, weight_decay=0.01)

    def step(x, y):
        optimiser.zero_grad()
        h = x
        for i, layer in enumerate(layers):
            h = layer(h)
            if i < len(layers) - 1:
                h = F.relu(F.dropout(h, p=0.5, training=True))
        loss = F.cross_entropy(h, y, reduction="sum")
        loss.backward()
        optimiser.step()
        return float(loss)

    return step


def point_estimate(model):
    """Loss and SGD of a network's weights, the prior as weight decay."""
    optimiser = torch.optim.SGD(model.parameters(), lr=LR, weight_decay=0.01)

    def step(x, y):
        optimiser.zero_grad()
        loss = F.cross_entropy(model(x), y, reduction="sum")
        loss.backward()
        optimiser.step()
        return float(loss)

    return step


def map_estimate():
    return point_estimate(torch.nn.Sequential(*[m for i, (a, b) in enumerate(zip(SIZES, SIZES[1:])) for m in ([torch.nn.Linear(a, b), torch.nn.ReLU()] if i < 2 else [torch.nn.Linear(a, b)])]))


def langevin(preconditioned):
    model = torch.nn.Sequential(torch.nn.Linear(784, 1200), torch.nn.ReLU(), torch.nn.Linear(1200, 1200), torch.nn.ReLU(), torch.nn.Linear(1200, 10))
    step_size, decay, damping = 1e-5, 0.99, 1e-8
    squares = [torch.zeros_like(p) for p in model.parameters()]

    def step(x, y):
        model.zero_grad()
        loss = F.cross_entropy(model(x), y, reduction="mean") * BATCH * BATCHES
        loss.backward()
        with torch.no_grad():
            for p, v in zip(model.parameters(), squares):
                d = p.grad.add(p, alpha=1 / PRIOR_SD**2)
                noise = torch.randn_like(p) / math.sqrt(step_size)
                if preconditioned:
                    v.mul_(decay).addcmul_(d, d, value=1 - decay)
                    g = v.sqrt().add_(damping)
                    p.add_(0.5 * d / g + noise / g.sqrt(), alpha=-step_size)
                else:
                    p.add_(0.5 * d + noise, alpha=-step_size)
        return float(loss)

    return step


def predictive(densities):
    layers = [BayesianLinear(a, b) for a, b in zip(SIZES, SIZES[1:])]
    inputs = torch.randn(1000, SIZES[0])

    noise = [(torch.empty_like(layer.w_mean), torch.empty_like(layer.b_mean)) for layer in layers]

    @torch.no_grad()
    def step(_x, _y):
        total = 0
        sds = [(F.softplus(layer.w_rho).add_(1e-6), F.softplus(layer.b_rho).add_(1e-6)) for layer in layers]
        for _ in range(100):
            h = inputs
            for i, layer in enumerate(layers):
                if densities:
                    h = layer(h)[0]
                else:
                    (w_sd, b_sd), (w, b) = sds[i], noise[i]
                    h = torch.addmm(torch.addcmul(layer.b_mean, b_sd, b.normal_()), h, torch.addcmul(layer.w_mean, w_sd, w.normal_()))
                if i < len(layers) - 1:
                    h = F.relu(h)
            total = total + F.softmax(h, 1)
        return total / 100

    return step


def lenet():
    nn = torch.nn
    convolutions = [nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    dense = [nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)]
    return point_estimate(nn.Sequential(nn.Unflatten(1, (1, 28, 28)), *convolutions, *dense))


METHODS = {
    "map": map_estimate,
    "bbp": bbp,
    "bbp-tuned": bbp_tuned,
    "local-reparametrisation": local_reparametrisation,
    "mc-dropout": mc_dropout,
    "lenet": lenet,
    "sgld": lambda: langevin(False),
    "psgld": lambda: langevin(True),
    "predictive": lambda: predictive(True),
    "predictive-tuned": lambda: predictive(False),
}


def use_device(parser, device):
    """Puts everything that is made from now on onto the device."""
    if device == "cuda":
        if not torch.cuda.is_available():
            parser.error("this PyTorch sees no CUDA device")
        torch.set_default_device("cuda")


def settle(device):
    if device == "cuda":
        torch.cuda.synchronize()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("method", choices=list(METHODS))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    arguments = parser.parse_args()
    use_device(parser, arguments.device)
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    step = METHODS[arguments.method]()
    x, y = torch.randn(BATCH, SIZES[0]), torch.randint(0, 10, (BATCH,))
    start = time.perf_counter()
    step(x, y)
    settle(arguments.device)
    if time.perf_counter() - start < 1:
        start = time.perf_counter()
        step(x, y)
        settle(arguments.device)
    steps = max(1, min(20, round(1.5 / (time.perf_counter() - start))))
    rounds = []
    for _ in range(3):
        start = time.perf_counter()
        for _ in range(steps):
            step(x, y)
        settle(arguments.device)
        rounds.append((time.perf_counter() - start) * 1000 / steps)
    print(json.dumps({"method": arguments.method, "ms": sorted(rounds), "torch": torch.__version__}))


main()
