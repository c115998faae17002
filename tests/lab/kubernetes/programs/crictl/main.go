// A small crictl: what kubeadm and people call of it, over the real socket of the container runtime. Debian has no
// package of cri-tools; this one is built with what Kubernetes' source brings of the CRI.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"google.golang.org/grpc"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1alpha2"
)

type client struct {
	context context.Context
	runtime cri.RuntimeServiceClient
	images  cri.ImageServiceClient
}

// Each command with its operands, options taken out.
var commands = map[string]func(client, []string) error{
	"version": func(c client, _ []string) error {
		return show(c.runtime.Version(c.context, &cri.VersionRequest{}))
	},
	"info": func(c client, _ []string) error {
		return show(c.runtime.Status(c.context, &cri.StatusRequest{Verbose: true}))
	},
	"images": func(c client, _ []string) error {
		found, err := c.images.ListImages(c.context, &cri.ListImagesRequest{})
		for _, image := range found.GetImages() {
			fmt.Println(strings.Join(image.RepoTags, " "), image.Id)
		}
		return err
	},
	"inspecti": func(c client, operands []string) error {
		return each(operands, func(name string) error {
			found, err := c.images.ImageStatus(c.context, &cri.ImageStatusRequest{Image: &cri.ImageSpec{Image: name}})
			if err == nil && found.Image == nil {
				err = fmt.Errorf("no such image %q present", name)
			}
			return show(found, err)
		})
	},
	"pull": func(c client, operands []string) error {
		return each(operands, func(name string) error {
			pulled, err := c.images.PullImage(c.context, &cri.PullImageRequest{Image: &cri.ImageSpec{Image: name}})
			if err == nil {
				fmt.Println("Image is up to date for", pulled.ImageRef)
			}
			return err
		})
	},
	"pods": func(c client, _ []string) error {
		found, err := c.runtime.ListPodSandbox(c.context, &cri.ListPodSandboxRequest{})
		for _, pod := range found.GetItems() {
			fmt.Println(pod.Id)
		}
		return err
	},
	"stopp": func(c client, operands []string) error {
		return each(operands, func(id string) error {
			_, err := c.runtime.StopPodSandbox(c.context, &cri.StopPodSandboxRequest{PodSandboxId: id})
			return err
		})
	},
	"rmp": func(c client, operands []string) error {
		return each(operands, func(id string) error {
			_, err := c.runtime.RemovePodSandbox(c.context, &cri.RemovePodSandboxRequest{PodSandboxId: id})
			return err
		})
	},
	"ps": func(c client, _ []string) error {
		found, err := c.runtime.ListContainers(c.context, &cri.ListContainersRequest{})
		for _, container := range found.GetContainers() {
			fmt.Println(container.Id[:13], container.Metadata.Name, container.State, container.Image.Image)
		}
		return err
	},
}

func main() {
	socket := flag.String("r", os.Getenv("CONTAINER_RUNTIME_ENDPOINT"), "")
	flag.StringVar(socket, "runtime-endpoint", *socket, "")
	flag.StringVar(socket, "image-endpoint", *socket, "")
	version := flag.Bool("version", false, "")
	flag.Parse()
	if *version {
		fmt.Println("crictl version v1.20.0")
		return
	}
	command, known := commands[flag.Arg(0)]
	if !known {
		fail(fmt.Errorf("unknown command %q", flag.Arg(0)))
	}
	c, err := dial(*socket)
	if err != nil {
		fail(err)
	}
	operands := []string{}
	for _, word := range flag.Args()[1:] {
		if !strings.HasPrefix(word, "-") {
			operands = append(operands, word)
		}
	}
	if err := command(c, operands); err != nil {
		fail(err)
	}
}

func dial(socket string) (client, error) {
	if socket == "" {
		socket = "/run/containerd/containerd.sock"
	}
	if strings.HasPrefix(socket, "/") {
		socket = "unix://" + socket
	}
	limited, _ := context.WithTimeout(context.Background(), 10*time.Minute)
	connection, err := grpc.DialContext(limited, socket, grpc.WithInsecure())
	return client{limited, cri.NewRuntimeServiceClient(connection), cri.NewImageServiceClient(connection)}, err
}

func show(answer interface{}, err error) error {
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(answer, "", "  ")
	fmt.Println(string(text))
	return err
}

func each(operands []string, act func(string) error) error {
	for _, operand := range operands {
		if err := act(operand); err != nil {
			return err
		}
	}
	return nil
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "FATA", err)
	os.Exit(1)
}
